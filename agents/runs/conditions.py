"""When a standing rule fits: simple comparisons on the fields of what is asked."""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from agents.engine import Json
from agents.runs.models import RunException

DEPTH = 3
LONGEST = 300
"""Characters of a field that are compared."""


class Is(TextChoices):
    """How a field is compared with a value; amounts and numbers by size, everything else as text."""

    EQUAL = "is", _("is")
    OTHER = "is_not", _("is not")
    AT_MOST = "at_most", _("is at most")
    AT_LEAST = "at_least", _("is at least")
    CONTAINS = "contains", _("contains")


def fields_of(exception: RunException) -> dict[str, str]:
    """What can be compared: the question's own fields, and those of what it proposes, by their path.

    Its own come last: whoever proposes something must not say which question it is.
    """
    own = {"fingerprint": exception.fingerprint, "severity": exception.severity, "cause": exception.cause}
    return {**dict(_flat(exception.proposal)), "title": exception.title[:LONGEST], **own}


def _flat(value: Json, path: str = "", depth: int = DEPTH) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, part in value.items() if depth else ():
            yield from _flat(part, f"{path}.{name}" if path else str(name), depth - 1)
    elif value is not None and not isinstance(value, list) and path:
        yield path, str(value)[:LONGEST]


def fits(conditions: list[dict[str, Any]], exception: RunException) -> bool:
    """Whether every condition holds. A field that is not there fits nothing, nor does what is no number fit a size."""
    fields = fields_of(exception)
    return bool(conditions) and all(_holds(each, fields.get(each["field"])) for each in conditions)


def _holds(condition: Mapping[str, Any], found: str | None) -> bool:
    if found is None:
        return False
    wanted, how = str(condition["value"]), Is(condition["is"])
    if how in (Is.AT_MOST, Is.AT_LEAST):
        sizes = _number(found), _number(wanted)
        if None in sizes:
            return False
        return sizes[0] <= sizes[1] if how is Is.AT_MOST else sizes[0] >= sizes[1]  # type: ignore[operator]
    if how is Is.CONTAINS:
        return wanted.lower() in found.lower()
    return (found == wanted) is (how is Is.EQUAL)


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
