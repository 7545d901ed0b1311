"""Dates and amounts in free text, as people of our languages write them; pure, and only what is certain."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from django.utils import translation
from django.utils.dates import MONTHS, WEEKDAYS

from agents.base.money import MICRO

LANGUAGES = ("en", "es", "pt-br")
MONTHS_IN_SHORT = "jan feb mar apr may jun jul aug sep oct nov dec"
SHORT = {name[:3]: number for number, name in enumerate(MONTHS_IN_SHORT.split(" "), 1)} | {"sept": 9}
ENDS = (
    *("until", "till", "through", "ends", "ends on", "expires", "expires on"),
    *("hasta", "hasta el", "termina el", "vence el", "até", "até o dia", "termina em", "vence em"),
)
STARTS = (
    *("from", "starting", "starts on", "as of"),
    *("desde", "desde el", "a partir del", "a partir de", "empieza el"),
)
CURRENCIES = {"US$": "USD", "R$": "BRL", "€": "EUR", "£": "GBP", "¥": "JPY", "$": ""}
"""What a sign stands for; a bare dollar sign is any dollar or peso."""
PLAIN_DOLLARS = ("USD", "CAD", "AUD", "NZD", "MXN", "ARS", "CLP", "COP", "SGD", "HKD")
NUMBER = r"\d{1,3}(?:[.,\u00a0 ]\d{3})+(?:[.,]\d{2})?|\d+(?:[.,]\d{1,2})?"
AMOUNT = re.compile(
    rf"(?P<sign>US\$|R\$|[€£¥$]|\b(?:USD|EUR|BRL|GBP|MXN)\b)\s?(?P<after>{NUMBER})(?![\d%])"
    rf"|(?<![\d.,])(?P<before>{NUMBER})\s?(?P<code>€|£|\b(?:USD|EUR|BRL|GBP|MXN)\b|\beuros?\b|\breais\b)",
    re.IGNORECASE,
)
WORDS = {"euro": "EUR", "euros": "EUR", "reais": "BRL"}
OTHER_PRICE = re.compile(
    r"\b(?:was|were|instead of|save|saves|off|antes|en vez de|em vez de|ahorra|ahorre|economize)\W*$", re.IGNORECASE
)
"""What stands before an amount that is not the price: what it was, or what is saved."""


@dataclass(frozen=True)
class SaidDay:
    """A day named in a text: `day` is None where the calendar has no such day, `weekday` counts from Monday."""

    text: str
    day: dt.date | None
    weekday: int | None
    bound: Literal["starts", "ends", ""]


def days_in(text: str, near: dt.date) -> Iterator[SaidDay]:
    """Every day written with the name of its month, or as ISO 8601; one without a year is the one nearest to `near`."""
    for found in _days().finditer(text):
        part = found.groupdict()
        named = part["m1"] or part["m2"]
        month = _months()[named.lower()] if named else int(part["m3"])
        year, number = part["y1"] or part["y2"] or part["y3"], int(part["d1"] or part["d2"] or part["d3"])
        weekday = _weekdays().get((part["before"] or part["after"] or "").lower())
        yield SaidDay(found[0].strip(), _day(year, month, number, near), weekday, _bound(text[: found.start()]))


def amounts_in(text: str) -> Iterator[tuple[str, int, str]]:
    """Each price: as it is written, in micro-units, and its currency (empty: a bare dollar sign)."""
    for found in AMOUNT.finditer(text):
        if OTHER_PRICE.search(text[: found.start()]):
            continue
        sign = (found["sign"] or found["code"]).upper()
        currency = CURRENCIES.get(sign, WORDS.get(sign.lower(), sign))
        yield found[0], _micros(found["after"] or found["before"]), currency


def same_currency(said: str, currency: str) -> bool:
    """Whether a currency that was read may be this one."""
    return said == currency or (not said and currency in PLAIN_DOLLARS)


def _micros(number: str) -> int:
    digits = re.sub(r"[\u00a0 ]", "", number)
    cents = re.search(r"[.,](\d{1,2})$", digits)
    whole = re.sub(r"\D", "", digits[: cents.start()] if cents else digits)
    return int(whole) * MICRO + (int(cents[1].ljust(2, "0")) * MICRO // 100 if cents else 0)


def _day(year: str | None, month: int, number: int, near: dt.date) -> dt.date | None:
    years = (int(year),) if year else (near.year - 1, near.year, near.year + 1)
    found = [day for each in years if (day := _calendar(each, month, number))]
    return min(found, key=lambda day: abs(day - near), default=None)


def _calendar(year: int, month: int, number: int) -> dt.date | None:
    try:
        return dt.date(year, month, number)
    except ValueError:
        return None


def _bound(before: str) -> Literal["starts", "ends", ""]:
    said = " ".join(before.lower().split())
    if any(said.endswith(f" {word}") or said == word for word in ENDS):
        return "ends"
    return "starts" if any(said.endswith(f" {word}") or said == word for word in STARTS) else ""


@cache
def _months() -> dict[str, int]:
    return SHORT | {str(MONTHS[number]).lower(): number for number in MONTHS for _ in _each_language()}


@cache
def _weekdays() -> dict[str, int]:
    found = {str(WEEKDAYS[number]).lower(): number for number in WEEKDAYS for _ in _each_language()}
    return found | {name.removesuffix("-feira"): number for name, number in found.items()}


def _each_language() -> Iterator[str]:
    for language in LANGUAGES:
        with translation.override(language):
            yield language


@cache
def _days() -> re.Pattern[str]:
    weekday, month = (_one_of(words) for words in (_weekdays(), _months()))
    pattern = (
        rf"(?:\b(?P<before>{weekday})\b,?\s+(?:the\s+|el\s+|dia\s+)?)?(?:"
        rf"\b(?P<d1>\d{{1,2}})(?:st|nd|rd|th|º)?\s+(?:of\s+|de\s+)?(?P<m1>{month})\b(?:,?\s+(?:del?\s+)?(?P<y1>\d{{4}}))?"
        rf"|\b(?P<m2>{month})\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?![:.,]?\d)(?:,?\s+(?P<y2>\d{{4}})\b)?"
        r"|\b(?P<y3>\d{4})-(?P<m3>0[1-9]|1[0-2])-(?P<d3>\d{2})\b)"
        rf"(?:,?\s*\(?(?P<after>{weekday})\b)?"
    )
    return re.compile(pattern, re.IGNORECASE)


def _one_of(words: dict[str, int]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
