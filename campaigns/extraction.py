"""Facts read out of pasted text, each with the words it was read from; nothing is taken before somebody confirms it."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from agents.base.clock import local_instant
from campaigns.checks.links import WRITTEN
from campaigns.models import ContextVersion
from campaigns.prose import SaidDay, amounts_in, days_in

NEVER = re.compile(
    r"^[\s\-*•]*(?:never say|do not say|don't say|never|no decir|nunca decir|não dizer|nunca dizer)\b\s*:?\s*(.+)$",
    re.IGNORECASE,
)
FOR = re.compile(r"^[\s\-*•]*(?:audience|for|público|para|audiencia)\s*:\s*(.+)$", re.IGNORECASE)
CLAIM = re.compile(r"^[\s\-*•]*(.+(?:\||\((?:source|fuente|fonte)\b).+)$", re.IGNORECASE)
MANY = ("say", "never_say", "claims", "links")
"""Fields that take more than one."""
SENTENCE = re.compile(r"(?<=[.!?])\s+")
BULLET = re.compile(r"^[\s\-*•]+")
LAST_MINUTE = dt.time(23, 59)


@dataclass(frozen=True)
class Extracted:
    """A fact of the version, as the form of the facts would take it, and the line it stands in."""

    field: str
    value: Any
    quote: str


def extract(text: str, version: ContextVersion, today: dt.date) -> list[Extracted]:
    """Every fact that can be read with certainty, in the order of the text; the rest is offered as something to say."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = [Extracted("offer", lines[0].strip("#* ")[:200], lines[0])] if lines else []
    for line in lines:
        found += _of(line, version, today)
    for line in lines[1:]:
        if not any(pattern.match(line) for pattern in (NEVER, FOR, CLAIM)):
            found += [Extracted("say", part[:500], line) for part in SENTENCE.split(BULLET.sub("", line)) if part]
    return list(dict.fromkeys(found))


def merged(version: ContextVersion, taken: list[Extracted]) -> dict[str, Any]:
    """The version's facts with what was confirmed: lists grow, the rest is replaced."""
    facts: dict[str, Any] = {}
    for each in taken:
        if each.field in MANY:
            facts[each.field] = list(dict.fromkeys([*facts.get(each.field, getattr(version, each.field)), each.value]))
        else:
            facts[each.field] = each.value
    return facts


def _of(line: str, version: ContextVersion, today: dt.date) -> Iterator[Extracted]:
    for _written, micros, currency in amounts_in(line):
        yield Extracted("price_micros", micros, line)
        if currency:
            yield Extracted("currency", currency, line)
    for said in days_in(line, today):
        yield from _day(said, version, line)
    for url in WRITTEN.findall(line):
        yield Extracted("links", url.rstrip(".,;:!?"), line)
    for field, pattern in (("never_say", NEVER), ("audience", FOR), ("claims", CLAIM)):
        if match := pattern.match(line):
            yield Extracted(field, match[1].strip(' .“”"')[:300], line)


def _day(said: SaidDay, version: ContextVersion, line: str) -> Iterator[Extracted]:
    """A day is a bound only where the text says so; the last one counts until its last minute."""
    if said.day and said.bound == "ends":
        yield Extracted("valid_to", local_instant(said.day, LAST_MINUTE, version.tzinfo), line)
    elif said.day and said.bound == "starts":
        yield Extracted("valid_from", local_instant(said.day, dt.time(), version.tzinfo), line)
