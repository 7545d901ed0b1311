"""What every format gives, and what several of them need."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from agents.base.errors import Invalid, Refused
from agents.connectors.ingest import read


class BadFile(Refused):
    """Nothing of the file can be read."""


@dataclass(frozen=True)
class Entry:
    """One run of a file, at `place` (from 1): its document, what a benchmark knows of it besides; or why it is none."""

    place: int
    document: Any = None
    flags: tuple[str, ...] = ()
    truth: dict[str, Any] | None = None
    problem: str = ""


def lines(data: bytes) -> Iterator[Entry]:
    """Each line that is a JSON object of its own; empty lines are passed over."""
    for place, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if line.strip():
            yield _line(place, line)


def _line(place: int, line: bytes) -> Entry:
    try:
        reading = read(line)
    except Refused as refusal:
        return Entry(place, problem=refusal.message)
    return Entry(place, reading.document, tuple(reading.flags))


def array(data: bytes) -> list[Any]:
    """A file that is one JSON array. Raises BadFile."""
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as why:
        raise BadFile(_("This is not JSON: %(why)s") % {"why": why}) from None
    if not isinstance(found, list):
        raise BadFile(_("The file is not a list of runs."))
    return found


def parsed(text: str) -> Any:
    """What a tool was given or gave back: JSON where it is, else its words."""
    try:
        return json.loads(text, parse_constant=str)
    except (ValueError, RecursionError):
        return text


def text_of(value: Any) -> str:
    """The words of a message. Raises Invalid for what has none."""
    if value is None or isinstance(value, str):
        return value or ""
    raise Invalid(_("A message is not text."))
