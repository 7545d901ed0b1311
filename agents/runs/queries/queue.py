"""The queue: what needs a person, grouped by agent, the worst first; then the days of the agents nothing is open of."""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils import timezone

from agents.fleet.enums import Lifecycle, Observed, Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import agents_for
from agents.people.models import Team, User
from agents.runs.enums import OPEN_REVIEWS, ItemState
from agents.runs.models import DailyReview, ReviewItem, Run, RunException
from agents.runs.queries.bands import off_target
from agents.runs.queries.digests import Digest, digests
from agents.runs.queries.needs import Need, needing
from agents.runs.ranking import reasons

MOST = 200
"""So many items and days are listed; the others are counted and come up as these are decided."""
AGENT = ("slug", "name", "vendor", "currency", "status__state", "status__since")
LISTED = (
    *("agent", "run", "kind", "severity", "title", "opened_at", "state"),
    *(f"agent__{name}" for name in AGENT),
    *("item__agent", "item__state", "item__rank", "item__rank_reason", "item__claimed_by__name", "item__snoozed_until"),
)
"""What a row of the queue shows of an exception; the rest is read when it is opened."""
UNWELL = (Observed.FAILED, Observed.DISCONNECTED, Observed.SILENT, Observed.DEGRADED)


@dataclass(frozen=True)
class Item:
    """One place in the queue. `rank` is the expected loss in units of the agent's currency, `reason` why, in words."""

    item: ReviewItem
    exception: RunException
    rank: float
    reason: str

    @property
    def run(self) -> Run | None:
        return self.exception.run

    @property
    def snoozed(self) -> bool:
        return self.item.state == ItemState.SNOOZED


@dataclass(frozen=True)
class Group:
    """One agent: its open review (None: none is open) with what it did since the last one, and its open items.

    `quiet` agents may be approved together: nothing is open, nothing failed, they are well, their KPIs in band.
    """

    agent: Agent
    review: DailyReview | None
    digest: Digest | None
    items: list[Item] = field(default_factory=list)
    off_target: bool = False

    @property
    def rank(self) -> float:
        return sum(item.rank for item in self.items if not item.snoozed)

    @property
    def quiet(self) -> bool:
        seen = bool(self.review and self.digest and self.digest.is_quiet)
        return seen and not self.items and not self.off_target and is_well(self.agent)


@dataclass(frozen=True)
class Queue:
    """Groups, the worst first. `total` counts all items, of which at most MOST are listed; `drawn_at` is when."""

    groups: list[Group]
    total: int
    drawn_at: dt.datetime

    @property
    def listed(self) -> int:
        return sum(len(group.items) for group in self.groups)

    @property
    def quiet(self) -> list[Group]:
        return [group for group in self.groups if group.quiet]

    @property
    def loud(self) -> list[Group]:
        return [group for group in self.groups if not group.quiet]


def queue(user: User, team: Team, need: Need | str = "", *, now: dt.datetime | None = None) -> Queue:
    """What the person may review, of one need or of all; with a need, only agents that have it. Five queries."""
    now = now or timezone.now()
    items, total = _items(user, team, need)
    reviews = open_reviews(user, team)
    if need:
        reviews = reviews.filter(agent__in={item.exception.agent_id for item in items})
    shown = reviews.only(*(field.name for field in DailyReview._meta.fields), *(f"agent__{name}" for name in AGENT))
    by_agent = {review.agent_id: review for review in shown[:MOST]}
    told = digests(list(by_agent.values()), now)
    off = off_target(by_agent)
    groups = [
        Group(agent, review, told.get(review.pk) if review else None, listed, agent.pk in off)
        for agent, review, listed in _groups(items, by_agent)
    ]
    return Queue(sorted(groups, key=lambda group: (-group.rank, group.quiet, group.agent.name)), total, now)


def open_reviews(user: User, team: Team) -> QuerySet[DailyReview]:
    """The reviews that are still to be done, of agents the person may review."""
    mine = DailyReview.objects.filter(agent__in=agents_for(user, Verb.REVIEW).filter(team=team))
    mine = mine.filter(state__in=OPEN_REVIEWS).exclude(agent__lifecycle=Lifecycle.RETIRED)
    return mine.select_related("agent__status").order_by("agent__name")


def item_of(exception: RunException) -> Item:
    """An open exception as the queue shows it; `exception.item` and `agent` are read."""
    item = exception.item
    return Item(item, exception, item.rank, " · ".join(reasons(item)))


def _items(user: User, team: Team, need: Need | str) -> tuple[list[Item], int]:
    found = needing(user, team, need, Verb.REVIEW)
    listed = list(found.select_related("agent__status", "item__claimed_by").only(*LISTED)[:MOST])
    return [item_of(exception) for exception in listed], len(listed) if len(listed) < MOST else found.count()


def is_well(agent: Agent) -> bool:
    """Whether nothing is known to be wrong with it; `agent.status` is read."""
    status = getattr(agent, "status", None)
    return status is None or status.state not in UNWELL


def _groups(
    items: list[Item], reviews: dict[uuid.UUID, DailyReview]
) -> Iterator[tuple[Agent, DailyReview | None, list[Item]]]:
    """Every agent that has a review or an item, with both."""
    agents = {review.agent_id: review.agent for review in reviews.values()}
    agents |= {item.exception.agent_id: item.exception.agent for item in items}
    by_agent: dict[uuid.UUID, list[Item]] = {pk: [] for pk in agents}
    for item in items:
        by_agent[item.exception.agent_id].append(item)
    return ((agent, reviews.get(pk), by_agent[pk]) for pk, agent in agents.items())
