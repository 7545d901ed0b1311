"""The rows of the queue: facts that `console.fragments.drawn` keeps their drawing under, in words only when drawn."""

import datetime as dt
import uuid
from collections import Counter
from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from agents.base.phrases import spoken
from agents.base.templatetags.rollcall import age
from agents.base.untrusted import plain_untrusted
from agents.fleet.enums import Observed, Vendor
from agents.runs.enums import ItemState, RunState
from agents.runs.queries import Group, Item, Trust
from agents.runs.queries.helping import UNDER_WAY
from agents.runs.ranking import doubts, stakes
from console.addresses import address
from console.kpis.trust import briefly
from console.pages.queue.did import Did, did

A_WEEK = 7
TITLE, SAMPLE = 90, 140
"""Characters of a title, and of an output in the quiet block, that are shown; what is opened shows more."""


@dataclass(frozen=True, slots=True)
class Line:
    """One place in the queue. `until` is when it comes back, by the reader's clock, where it was put off."""

    item: Item
    age: str
    until: str
    query: str
    on: bool

    @property
    def row(self) -> str:
        return f"item-{self.item.pk}"

    @property
    def url(self) -> str:
        return address("queue-item", self.item.pk) + self.query

    @property
    def title(self) -> str:
        return Truncator(plain_untrusted(spoken(self.item.title))).chars(TITLE)

    @property
    def state(self) -> str:
        return "snoozed" if self.item.snoozed else "waiting"

    @property
    def notes(self) -> str:
        held = _("held for a second person") if self.item.state == ItemState.HELD else ""
        put_off = _("put off until %(when)s") % {"when": self.until} if self.until else ""
        why = (part for part in doubts(self.item.rank_reason) if part != str(self.item.kind.label))
        return " · ".join(filter(None, (held, *why, put_off)))

    @property
    def taken(self) -> str:
        person = _("%(person)s is on it") % {"person": self.item.claimed_by} if self.item.claimed_by else ""
        return " · ".join(filter(None, (person, self.helper)))

    @property
    def helper(self) -> str:
        """The agent that it was assigned to, and whether it has come to something."""
        if self.item.helper is None:
            return ""
        name, state = self.item.helper
        return _helps(state) % {"agent": name}

    @property
    def times(self) -> int:
        return self.item.folded + 1


@dataclass(frozen=True, slots=True)
class Day:
    """An agent's open review: what it did, the beginnings of two outputs, what earlier ones were like."""

    pk: uuid.UUID
    did: Did
    texts: tuple[str, ...]
    seen: Trust | None
    query: str
    on: bool

    @property
    def row(self) -> str:
        return f"review-{self.pk}"

    @property
    def url(self) -> str:
        return address("queue-review", self.pk) + self.query

    @property
    def samples(self) -> list[tuple[str, int]]:
        """Each text, and how many of the outputs say it."""
        return [(plain_untrusted(text, SAMPLE), many) for text, many in Counter(self.texts).items()]

    @property
    def trust(self) -> str:
        return briefly(self.seen) if self.seen else ""


@dataclass(frozen=True, slots=True)
class Block:
    """One agent with its lines; `age` is how long it has been in its state."""

    slug: str
    name: str
    vendor_key: str
    state: Observed | None
    age: str
    day: Day | None
    lines: tuple[Line, ...]

    @property
    def url(self) -> str:
        return address("one-on-one", self.slug)

    @property
    def vendor(self) -> str:
        return str(Vendor(self.vendor_key).label)

    @property
    def state_says(self) -> str:
        return f"{self.state.label} · {self.age}" if self.state else ""

    @property
    def stakes(self) -> str:
        return " · ".join(stakes(self.lines[0].item.rank_reason)) if self.lines else ""


class Writer:
    """Makes the blocks. `query` narrows the queue and `opened` is the item or review beside the list."""

    def __init__(self, query: str, opened: uuid.UUID | None) -> None:
        self.query, self.opened = query, opened

    def block(self, group: Group, trust: Trust | None = None) -> Block:
        agent, lines = group.agent, tuple(self._line(item) for item in group.items)
        since = age(group.status_since)
        return Block(agent.slug, agent.name, agent.vendor, group.status, since, self._day(group, trust), lines)

    def _day(self, group: Group, trust: Trust | None) -> Day | None:
        if group.review is None or group.digest is None:
            return None
        texts = tuple(sample.text for sample in group.digest.samples)
        return Day(group.review, did(group.digest), texts, trust, self.query, group.review == self.opened)

    def _line(self, item: Item) -> Line:
        until = clock(item.snoozed_until) if item.snoozed and item.snoozed_until else ""
        return Line(item, age(item.opened_at), until, self.query, item.pk == self.opened)


def _helps(state: RunState) -> str:
    if state == RunState.WAITING:
        return _("%(agent)s waits for a person itself")
    if state in UNDER_WAY:
        return _("%(agent)s works out an answer")
    return _("%(agent)s proposes") if state == RunState.DONE else _("%(agent)s came to no answer")


def clock(at: dt.datetime) -> str:
    """The hour, with its day where that is not today's, and its date where the day's name would mean another."""
    here = timezone.localtime(at)
    days = (here.date() - timezone.localdate()).days
    return date_format(here, ("D H:i" if days < A_WEEK else "j M Y, H:i") if days else "H:i")
