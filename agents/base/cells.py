"""Cells of a CSV file that somebody will open in a spreadsheet."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00", "＝", "＋", "－", "＠")


def safe_cell(value: object) -> str | int:
    """`value` as no spreadsheet takes it for a formula: a quote in front of what begins like one (ASVS 5.0 1.2.10)."""
    if isinstance(value, int):
        return value
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
