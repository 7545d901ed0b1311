"""Money is whole millionths of a currency (micro-units) with its ISO 4217 code; never a float."""

import re
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache

from babel.core import Locale
from babel.numbers import format_currency
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext as _

from agents.base.errors import Invalid

MICRO = 1_000_000
LARGEST = 2**63 - 1
"""What a bigint holds."""
_AMOUNT = re.compile(r"-?[0-9]{1,13}(\.[0-9]{1,6})?")
_CURRENCY = re.compile(r"[A-Z]{3}")


def parse_micros(text: str, *, negative: bool = False) -> int:
    """Micro-units of a decimal string such as "12.50": ASCII digits, a point, at most six decimals.

    Raises `Invalid` for anything else ("12,50", "1e3", "+1", NaN), for a negative amount unless `negative`, and for
    more than a bigint holds; `TypeError` for what is not text (a float has already lost the amount).
    """
    if not isinstance(text, str):
        raise TypeError(f"An amount of money is text or micro-units, not {type(text).__name__}.")
    if not _AMOUNT.fullmatch(text):
        raise Invalid(_("Write the amount in plain digits with a point, for example 12.50."), "bad_amount")
    micros = int(Decimal(text) * MICRO)
    if micros < 0 and not negative:
        raise Invalid(_("The amount may not be negative."), "negative_amount")
    if abs(micros) > LARGEST:
        raise Invalid(_("The amount is too large."), "amount_too_large")
    return micros


def parse_currency(text: str) -> str:
    """An ISO 4217 code in capitals; raises `Invalid` otherwise."""
    if not _CURRENCY.fullmatch(text):
        raise Invalid(_("Write the currency as three capital letters, for example EUR."), "bad_currency")
    return text


def decimal_text(micros: int) -> str:
    """The exact amount as `parse_micros` reads it back, without needless zeros: 12500000 → "12.5"."""
    whole, fraction = divmod(abs(micros), MICRO)
    text = f"{whole}.{fraction:06d}".rstrip("0").rstrip(".")
    return f"-{text}" if micros < 0 else text


def format_money(micros: int, currency: str) -> str:
    """For people, in the active language: two decimals, or two figures of a fraction of a cent ($0.0042)."""
    if isinstance(micros, bool) or not isinstance(micros, int):
        raise TypeError(f"Micro-units are whole numbers, not {type(micros).__name__}.")
    return _formatted(micros, currency, get_language() or "en")


def format_costs(costs: Mapping[str, int]) -> str:
    """Sums of costs by currency, which are never added up: "R$3.20 + $0.16"; a zero only where it is all there is."""
    return " + ".join(format_money(micros, currency) for currency, micros in paid(costs))


def paid(costs: Mapping[str, int]) -> list[tuple[str, int]]:
    """The currencies in which anything was paid, each with its sum; of what was free, the first one."""
    listed = sorted(costs.items())
    return [each for each in listed if each[1]] or listed[:1]


def add_costs(each: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """The sum of each currency."""
    total: dict[str, int] = {}
    for costs in each:
        for currency, micros in costs.items():
            total[currency] = total.get(currency, 0) + micros
    return total


@lru_cache(4096)
def _formatted(micros: int, currency: str, language: str) -> str:
    """Kept: a page says many amounts, often the same, and Babel takes a tenth of a millisecond for each."""
    amount = Decimal(micros) / MICRO
    locale = Locale.parse(to_locale(language))
    if 0 < abs(amount) < Decimal("0.01"):
        digits = min(1 - amount.adjusted(), 6)
        pattern = locale.currency_formats["standard"].pattern.replace("0.00", "0." + "0" * digits)
        return format_currency(amount, currency, pattern, locale=locale, currency_digits=False)
    return format_currency(amount.quantize(Decimal("0.01"), ROUND_HALF_EVEN), currency, locale=locale)
