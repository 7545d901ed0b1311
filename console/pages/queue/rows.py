"""The rows of the queue in words: what `console.fragments.drawn` keeps their drawing under."""

import uuid
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agents.base.money import format_money
from agents.base.phrases import spoken
from agents.base.templatetags.rollcall import age
from agents.base.untrusted import plain_untrusted
from agents.runs.enums import ItemState
from agents.runs.queries import Digest, Group, Item, Trust
from agents.runs.ranking import say_p
from console.addresses import address
from console.kpis.trust import briefly

SAMPLE = 140
"""Characters of an output that the quiet block shows; the day itself shows more."""


@dataclass(frozen=True, slots=True)
class Line:
    """One place in the queue."""

    pk: uuid.UUID
    row: str
    url: str
    title: str
    age: str
    state: str
    severity: str
    kind: str
    notes: str
    taken: str
    times: int
    on: bool


@dataclass(frozen=True, slots=True)
class Day:
    """An agent's open review: what it did in words, the beginnings of two outputs, what earlier ones were like."""

    pk: uuid.UUID
    row: str
    url: str
    did: str
    failed: str
    samples: tuple[str, ...]
    trust: str
    on: bool


@dataclass(frozen=True, slots=True)
class Block:
    """One agent with its lines."""

    name: str
    vendor: str
    url: str
    state: str
    state_says: str
    day: Day | None
    lines: tuple[Line, ...]


class Writer:
    """Makes the blocks. `query` narrows the queue and `opened` is the item or review beside the list."""

    def __init__(self, query: str, opened: uuid.UUID | None) -> None:
        self.query, self.opened = query, opened

    def block(self, group: Group, trust: Trust | None = None) -> Block:
        return Block(
            name=group.agent.name,
            vendor=group.agent.get_vendor_display(),
            url=address("one-on-one", group.agent.slug),
            state=group.status or "",
            state_says=f"{group.status.label} · {age(group.status_since)}" if group.status else "",
            day=self._day(group, trust),
            lines=tuple(self._line(item) for item in group.items),
        )

    def _day(self, group: Group, trust: Trust | None) -> Day | None:
        if group.review is None or group.digest is None:
            return None
        return Day(
            pk=group.review,
            row=f"review-{group.review}",
            url=address("queue-review", group.review) + self.query,
            did=_did(group.digest),
            failed=_failed(group.digest),
            samples=tuple(plain_untrusted(sample.text, SAMPLE) for sample in group.digest.samples),
            trust=briefly(trust) if trust else "",
            on=group.review == self.opened,
        )

    def _line(self, item: Item) -> Line:
        return Line(
            pk=item.pk,
            row=f"item-{item.pk}",
            url=address("queue-item", item.pk) + self.query,
            title=plain_untrusted(spoken(item.title)),
            age=age(item.opened_at),
            state="snoozed" if item.snoozed else "waiting",
            severity=item.severity,
            kind=str(item.kind.label),
            notes=_notes(item),
            taken=_("%(person)s is on it") % {"person": item.claimed_by} if item.claimed_by else "",
            times=item.folded + 1,
            on=item.pk == self.opened,
        )


def _notes(item: Item) -> str:
    if item.state == ItemState.HELD:
        return " · ".join((_("held for a second person"), item.reason))
    if not item.snoozed or item.snoozed_until is None:
        return item.reason
    put_off = _("put off until %(when)s") % {"when": timezone.localtime(item.snoozed_until).strftime("%H:%M")}
    return " · ".join(filter(None, (item.reason, put_off)))


def _did(digest: Digest) -> str:
    if not digest.total:
        return _("no run in %(age)s") % {"age": age(digest.window.since)}
    counted = (
        ngettext("%(n)d run", "%(n)d runs", digest.total) % {"n": digest.total},
        ngettext("%(n)d output", "%(n)d outputs", digest.outputs) % {"n": digest.outputs},
        _("%(n)d refused by guardrails") % {"n": digest.refused} if digest.refused else "",
        _("%(n)d not checked yet") % {"n": digest.unchecked} if digest.unchecked else "",
        format_money(digest.cost_micros, digest.currency) if digest.cost_micros else "",
        _("in %(age)s") % {"age": age(digest.window.since)},
    )
    return " · ".join(filter(None, counted))


def _failed(digest: Digest) -> str:
    """What speaks against the day at once: failures, and a run that is rather wrong than right."""
    failed = ngettext("%(n)d failed", "%(n)d failed", digest.errors) % {"n": digest.errors} if digest.errors else ""
    doubtful = _("a run %(likely)s") % {"likely": say_p(digest.p_wrong)} if digest.is_doubtful else ""
    return " · ".join(filter(None, (failed, doubtful)))
