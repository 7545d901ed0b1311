"""What came of a campaign's broadcasts: how many deliveries are how far, and a page of them, trouble first."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Case, Count, Prefetch, QuerySet, Value, When

from agents.fleet.models import Agent
from campaigns.enums import Rung
from campaigns.models import Broadcast, Campaign, Delivery, Exclusion, Receipt
from campaigns.queries import taken_back

PAGE = 50
SHOWN = 10
"""Broadcasts on one page."""
FIRST = (Rung.FAILED, Rung.MANUAL_PENDING, Rung.SENT, Rung.QUEUED)
"""What a reader may have to do something about."""


@dataclass
class Asked:
    """Which deliveries of each broadcast are shown: those of one state, if one is chosen, and which page of them."""

    state: str = ""
    page: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Asked":
        """What an address asks for; what it cannot mean is ignored."""
        state, page = query.get("state", ""), query.get("page", "")
        return cls(
            state if state in Rung.values else "", int(page) if page.isdecimal() and 0 < int(page) < 10_000 else 1
        )


@dataclass
class Sending:
    """One broadcast: `rows` are its deliveries on this page, `counts` are of all the reader may see."""

    sent: Broadcast
    counts: dict[Rung, int]
    waiting: int
    asked: Asked

    @property
    def rows(self) -> list[Delivery]:
        return self.sent.shown  # type: ignore[attr-defined, no-any-return]  # fetched with it

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def pages(self) -> int:
        listed = self.counts.get(Rung(self.asked.state), 0) if self.asked.state else self.total
        return -(-listed // PAGE)


def sendings(campaign: Campaign, agents: QuerySet[Agent], asked: Asked) -> list[Sending]:
    """The newest first, with what the reader may see, who may see `agents`."""
    seen = Delivery.objects.filter(campaign=campaign, agent__in=agents)
    receipts = Prefetch("receipts", Receipt.objects.select_related("by").order_by("at", "pk"))
    urgency = Case(*(When(state=rung, then=Value(place)) for place, rung in enumerate(FIRST)), default=len(FIRST))
    listed = seen.filter(state=asked.state) if asked.state else seen
    rows = listed.select_related("agent", "rendering").prefetch_related(receipts).annotate(recalled=taken_back())
    rows = rows.order_by(urgency, "agent__name", "pk")
    page = rows[(asked.page - 1) * PAGE : asked.page * PAGE]
    left_out = Prefetch("exclusions", Exclusion.objects.select_related("agent").order_by("agent__name"))
    found = campaign.broadcasts.select_related("version", "actor", "recalls", "recalled_by").order_by("-number")
    broadcasts = list(found.prefetch_related(Prefetch("deliveries", page, to_attr="shown"), left_out)[:SHOWN])
    return list(_counted(broadcasts, seen, asked))


def _counted(broadcasts: Sequence[Broadcast], seen: QuerySet[Delivery], asked: Asked) -> Iterable[Sending]:
    counts: dict[object, Counter[str]] = {sent.pk: Counter() for sent in broadcasts}
    waiting: Counter[object] = Counter()
    rows = seen.filter(broadcast__in=broadcasts).values_list("broadcast", "state", "on_hold").annotate(n=Count("pk"))
    for broadcast, state, on_hold, count in rows.order_by():
        counts[broadcast][state] += count
        waiting[broadcast] += count * on_hold
    for sent in broadcasts:
        told = {rung: count for rung in Rung if (count := counts[sent.pk][rung])}
        yield Sending(sent, told, waiting[sent.pk], asked)
