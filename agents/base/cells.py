"""Cells of a CSV file that somebody will open in a spreadsheet."""

from agents.base.personal import told

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00", "＝", "＋", "－", "＠")


def safe_cell(value: object) -> str | int:
    """`value` as no spreadsheet takes it for a formula: a quote in front of what begins like one (ASVS 5.0 1.2.10).

    Personal data in it are masked for whom they are masked (`personal`).
    """
    if isinstance(value, int):
        return value
    text = told("" if value is None else str(value))
    return f"'{text}" if text.startswith(FORMULA) else text
