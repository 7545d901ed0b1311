"""Reading what strangers send: strictly, because what two parsers read differently nobody can trust.

UTF-8, one JSON object, no key twice, no NaN or infinity, at most 64 levels. What PostgreSQL cannot store (NUL, halves
of characters) becomes U+FFFD, and the reading says so.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from agents.base.errors import Refused

DEPTH = 64
MOST_VALUES = 500_000
"""Elements and members of one document: more would cost more memory than it is worth."""
REPLACED = "text_replaced"
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Unreadable(Refused):
    """Not a document that can be taken; 400, and the same bytes will never be taken."""


class TooMany(Refused):
    """More in one document than is taken at once."""

    status = 413


@dataclass
class Reading:
    """The document, and what had to be done to it."""

    document: dict[str, Any]
    flags: list[str] = field(default_factory=list)


def read(raw: bytes) -> Reading:
    """Raises `Unreadable` (`empty`, `encoding`, `malformed`, `too_deep`, `not_an_object`) or `TooMany`."""
    text = _text(raw)
    if text.count(",") > MOST_VALUES:
        raise TooMany(_("One document holds at most %(most)s values.") % {"most": MOST_VALUES}, "too_many_items")
    document = _parsed(text)
    if not isinstance(document, dict):
        raise Unreadable(_("Send one JSON object."), "not_an_object")
    if _too_deep(document):
        raise Unreadable(_("Nested deeper than %(most)s levels.") % {"most": DEPTH}, "too_deep")
    # Only these two spellings can bring in what cannot be stored: the bytes themselves are UTF-8.
    if "\\u0000" in text or "\\ud" in text.lower():
        cleaned = clean(document)
        return Reading(cleaned, [REPLACED] if cleaned != document else [])
    return Reading(document)


def clean(value: Any) -> Any:
    """`value` as PostgreSQL can store it."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, list):
        return [clean(item) for item in value]
    return {clean(key): clean(item) for key, item in value.items()} if isinstance(value, dict) else value


def _text(raw: bytes) -> str:
    if not raw:
        raise Unreadable(_("The body is empty."), "empty")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable(_("The body is not UTF-8."), "encoding") from None


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise Unreadable(_("Nested deeper than %(most)s levels.") % {"most": DEPTH}, "too_deep") from None
    except ValueError as error:
        raise Unreadable(_("This is not JSON: %(why)s") % {"why": error}, "malformed") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(_("a key appears twice"))
    return found


def _refuse(constant: str) -> None:
    raise ValueError(_("%(constant)s is no number") % {"constant": constant})


def _finite(text: str) -> float:
    number = float(text)
    if abs(number) == float("inf"):
        raise ValueError(_("a number is too large"))
    return number


def _too_deep(value: Any) -> bool:
    """Level by level, so that no depth of a stranger's can exhaust our stack."""
    level = [value]
    for _depth in range(DEPTH):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return True


def _inside(value: Any) -> Iterator[Any]:
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, dict | list):
            yield item
