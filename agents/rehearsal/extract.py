"""Extraction: addresses, dates, identifiers, amounts, numbers and names, each with where it stands in the text."""

import re
from collections.abc import Callable, Collection, Iterator

from agents.rehearsal.lexicon import MONTHS, NUMBER_WORDS
from agents.rehearsal.text import fold, key, words

Found = tuple[int, str]
"""Position and value."""

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]+(?:\.[\w-]+)+")
_URL = re.compile(r"https?://[^\s<>\"')\]]+[^\s<>\"')\].,;:!?]")
_PHONE = re.compile(r"(?<!\w)\+?\d[\d ().-]{7,}\d(?!\w)")
_ISO_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_NUMERIC_DATE = re.compile(r"\b(\d{1,2})/(\d{1,2})/(\d{4})\b")
_YEAR = re.compile(r"\b20\d\d\b")
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_NAMED_DATE = re.compile(
    rf"\b(?:(?P<month>{_MONTH})\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?|"
    rf"(?P<day2>\d{{1,2}})(?: de)? (?P<month2>{_MONTH}))\b(?:,?(?: de)? (?P<year>20\d\d))?"
)
_ID = re.compile(
    r"(?<!\w)(?:#?(?=[A-Z-]*\d)(?=[A-Z0-9-]{3})[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*|#[A-Z]*\d+|[a-z]+(?:_[a-z]+)*_\d+|\d{6,})\b"
)
_MONEY = re.compile(
    r"(?:US\$|R\$|[$€£])\s?(\d[\d.,]*\d|\d)|(\d[\d.,]*\d|\d)\s?(?:USD|EUR|BRL|MXN|dollars?|euros?|reais|pesos)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![\w.,/#-])-?\d+(?:[.,]\d+)*(?![\w/]|[.,]\d)")
_NUMBERED = re.compile(r"(?i)\b(?:order|invoice|ticket|booking|case|pedido|orden|factura|fatura|reserva|caso) \d+\b")
"""A number that only names something."""
_PERSON = r"((?:[A-Z][\w'’-]+)(?: [A-Z][\w'’-]+){0,3})"
_NAME = re.compile(
    rf"(?:(?i:name is|named|called|i am|i'm|me llamo|soy|nombre es|nome é|me chamo|sou|friend|for) ){_PERSON}"
)
_FROM = re.compile(r"\b(?i:from|desde|de) ([A-Z]\w+(?: [A-Z]\w+)*)")
_TO = re.compile(r"\b(?i:to|hasta|para|a|hacia) ([A-Z]\w+(?: [A-Z]\w+)*)")


def _all(pattern: re.Pattern[str]) -> Callable[[str], list[Found]]:
    def find(text: str) -> list[Found]:
        return [(m.start(), next((g for g in m.groups() if g), m[0])) for m in pattern.finditer(text)]

    return find


emails, urls, people = _all(_EMAIL), _all(_URL), _all(_NAME)
origins, destinations = _all(_FROM), _all(_TO)


def phones(text: str) -> list[Found]:
    """Telephone numbers as written; dates are none."""
    return _all(_PHONE)(_blank(text, _ISO_DATE, _MONEY))


def dates(text: str) -> list[Found]:
    """ISO dates; a date with no year takes the first year named in the text, and is left out when there is none."""
    found = [(m.start(), m[0]) for m in _ISO_DATE.finditer(text)]
    found += [(m.start(), f"{m[3]}-{int(m[2]):02}-{int(m[1]):02}") for m in _NUMERIC_DATE.finditer(text)]
    default = _YEAR.search(text)
    for m in _NAMED_DATE.finditer(fold(text)):
        year = m["year"] or (default and default[0])
        if year:
            found.append((m.start(), f"{year}-{MONTHS[m['month'] or m['month2']]:02}-{int(m['day'] or m['day2']):02}"))
    return sorted(found)


def ids(text: str) -> list[Found]:
    """Identifiers: letters with digits (SI5UKW, TKT-17), #W123, mia_li_3668, long digit runs; no addresses or dates."""
    return _all(_ID)(_blank(text, _EMAIL, _URL, _ISO_DATE))


def amounts(text: str) -> list[Found]:
    """Sums of money, as plain decimals without their currency."""
    return [(place, decimal(value)) for place, value in _all(_MONEY)(text)]


def numbers(text: str) -> list[Found]:
    """Numbers that are not part of a date, an identifier or an address, and the words one to ten."""
    clean = _blank(text, _EMAIL, _URL, _ISO_DATE, _NUMERIC_DATE, _MONEY, _ID, _NUMBERED)
    clean = _NAMED_DATE.sub(lambda m: " " * len(m[0]), fold(clean)) if len(fold(clean)) == len(clean) else clean
    named = [(m.start(), str(NUMBER_WORDS[m[0]])) for m in re.finditer(r"[a-z]+", clean) if m[0] in NUMBER_WORDS]
    return sorted([(m.start(), decimal(m[0])) for m in _NUMBER.finditer(clean)] + named)


def decimal(written: str) -> str:
    """A number as Python reads it: of 1.234,56 and 1,234.56 both make 1234.56; 1,234 is a thousand."""
    whole, mark, cents = written.rpartition("." if written.rfind(".") > written.rfind(",") else ",")
    digits = re.sub(r"[.,]", "", whole)
    if not mark or (len(cents) == 3 and mark == ","):
        return digits + cents
    return f"{digits}.{cents}"


def nearest(found: list[Found], text: str, hints: Collection[str], used: Collection[str]) -> str | None:
    """The value that stands nearest to a hinted word, unused ones first; the first when no hint is in the text."""
    places = [place for place, word in _placed(text) if key(word) in hints]

    def distance(item: Found) -> tuple[bool, int, int]:
        gaps = [abs(item[0] - place) for place in places]
        return item[1] in used, min(gaps, default=0), item[0]

    return min(found, key=distance)[1] if found else None


def _placed(text: str) -> Iterator[tuple[int, str]]:
    for m in re.finditer(r"[^\W_]+", text):
        yield m.start(), "".join(words(m[0]))


def _blank(text: str, *patterns: re.Pattern[str]) -> str:
    for pattern in patterns:
        text = pattern.sub(lambda m: " " * len(m[0]), text)
    return text
