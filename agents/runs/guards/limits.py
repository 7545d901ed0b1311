"""Amounts and the law: what a text promises in money or per cent, what it may not go without, what a person reads."""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from agents.engine.checks import Check
from agents.engine.guardrails import Draft, Finding
from agents.engine.words import words

_SIGN = r"(?:US\$|R\$|S/\.?|[$€£]|\b(?:USD|EUR|GBP|BRL|PEN|MXN|COP|CLP|ARS)\b)"
_NAME = r"(?:USD|EUR|GBP|BRL|PEN|MXN|COP|CLP|ARS|dollars?|euros?|d[óo]lares|reais|soles|pesos|€)"
_NUMBER = r"\d(?:(?:[\d.,]|[ \u00a0\u202f](?=\d{3}(?!\d)))*\d)?"
_MONEY = re.compile(rf"{_SIGN}\s?({_NUMBER})|({_NUMBER})\s?{_NAME}(?!\w)", re.IGNORECASE)
_PERCENT = re.compile(rf"({_NUMBER})\s?(?:%|percent\b|por\s?ciento\b|por\s?cento\b)", re.IGNORECASE)


def number(text: str) -> Decimal:
    """The value of a number as people write it: “1,250.50”, “1.250,50”, “1 250”, “12,5”.

    Of two kinds of separator the last is the decimal one; a single one before exactly three digits divides thousands.
    """
    plain = re.sub(r"[\u00a0\u202f ]", "", text)
    last = max(plain.rfind("."), plain.rfind(","))
    if last < 0:
        return Decimal(plain)
    mark, other = plain[last], "," if plain[last] == "." else "."
    thousands = other not in plain and (len(plain) - last == 4 or plain.count(mark) > 1)
    whole, part = (plain, "") if thousands else (plain[:last], plain[last + 1 :])
    return Decimal(f"{re.sub('[.,]', '', whole)}.{part or 0}")


def amounts(text: str) -> list[tuple[str, Decimal]]:
    """Every amount of money that `text` names, as written and as a number, whatever its currency."""
    return [(found.group().strip(), number(found.group(1) or found.group(2))) for found in _MONEY.finditer(text)]


def percentages(text: str) -> list[tuple[str, Decimal]]:
    """Every percentage that `text` names."""
    return [(found.group().strip(), number(found.group(1))) for found in _PERCENT.finditer(text)]


def within_amounts(most_amount: float | None, most_percent: float | None) -> Check:
    """No amount of money and no percentage above its limit; None is no limit. Score 0 or 1, with what is too much."""

    def check(draft: Draft) -> Finding:
        over = (*_above(amounts(draft.text), most_amount), *_above(percentages(draft.text), most_percent))
        return Finding(0.0 if over else 1.0, over)

    return check


def _above(found: Sequence[tuple[str, Decimal]], limit: float | None) -> Iterator[str]:
    return (said for said, value in found if limit is not None and value > Decimal(str(limit)))


def disclosures(pairs: Iterable[tuple[str, str]]) -> Check:
    """Whoever says the first of a pair says the second too. Score 0 or 1, with what is missing."""
    needed = [(" ".join(words(when)), " ".join(words(say)), say) for when, say in pairs]

    def check(draft: Draft) -> Finding:
        text = f" {' '.join(words(draft.text))} "
        missing = tuple(say for when, plain, say in needed if f" {when} " in text and f" {plain} " not in text)
        return Finding(0.0 if missing else 1.0, missing)

    return check
