"""The queue: what needs a person, grouped by agent, the worst first; then the days of the agents nothing is open of."""

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from agents.fleet.enums import Observed
from agents.fleet.models import Agent
from agents.fleet.permissions import REVIEWED
from agents.people.models import Team, User
from agents.runs.enums import OPEN_REVIEWS, ExceptionKind
from agents.runs.models import RunException
from agents.runs.queries.bands import off_target
from agents.runs.queries.digests import Digest, digests_of
from agents.runs.queries.narrowing import Only
from agents.runs.queries.needs import Need
from agents.runs.queries.worst import COUNTED, EVERYTHING, MOST, Item, worst
from agents.runs.ranking import value_at_risk
from agents.runs.window import Window

AGENTS = f"""
SELECT a.id, a.slug, a.name, a.vendor, a.currency, a.value_per_outcome_micros,
  s.state AS observed, s.since AS observed_since, r.id AS review_id, r.since AS review_since
FROM fleet_agent a LEFT JOIN fleet_agentstatus s ON s.agent_id = a.id
LEFT JOIN runs_dailyreview r ON r.agent_id = a.id AND r.state = ANY(%(open)s) AND a.lifecycle <> 'retired'
WHERE a.id = ANY(%(agents)s) OR (%(all)s AND r.id IS NOT NULL AND a.team_id = %(team)s AND a.id IN ({REVIEWED}))
ORDER BY a.id = ANY(%(agents)s) DESC, a.name LIMIT {MOST}
"""
UNWELL = (Observed.FAILED, Observed.DISCONNECTED, Observed.SILENT, Observed.DEGRADED)


@dataclass(frozen=True)
class Group:
    """One agent: its open review (None: none is open) with what it did since the last one, and its open items.

    `quiet` agents may be approved together: nothing is open, nothing failed, they are well, their KPIs in band.
    """

    agent: Agent
    status: Observed | None
    status_since: dt.datetime | None
    review: uuid.UUID | None
    digest: Digest | None
    items: list[Item] = field(default_factory=list)
    off_target: bool = False

    @property
    def rank(self) -> float:
        """Expected loss of its items, and of approving its day unseen: that of the likeliest wrong run."""
        day = value_at_risk(self.digest.p_wrong, self.agent) if self.digest else 0.0
        return sum(item.rank for item in self.items if not item.snoozed) + day

    @property
    def quiet(self) -> bool:
        seen = bool(self.digest and self.digest.is_quiet)
        return seen and not self.items and not self.off_target and self.status not in UNWELL


@dataclass(frozen=True)
class Queue:
    """Groups, the worst first. `total` counts all items, at most COUNTED + 1, of which at most MOST are listed.

    `drawn_at` is when.
    """

    groups: list[Group]
    total: int
    drawn_at: dt.datetime

    @property
    def counted(self) -> str:
        """How many there are, as far as anybody counts."""
        return str(self.total) if self.total <= COUNTED else f"{COUNTED}+"

    @property
    def listed(self) -> int:
        """Of these; what asks the same is one row."""
        return sum(item.folded + 1 for group in self.groups for item in group.items)

    @property
    def quiet(self) -> list[Group]:
        return [group for group in self.groups if group.quiet]

    @property
    def loud(self) -> list[Group]:
        return [group for group in self.groups if not group.quiet]


def queue(
    user: User, team: Team, need: Need | str = "", only: Only = EVERYTHING, *, now: dt.datetime | None = None
) -> Queue:
    """What the person may review, of one need or of all; with a need, only agents that have it. Four queries."""
    now = now or timezone.now()
    items, total = worst(user, team, need, only)
    agents = _agents(user, team, items, whole=not need and only == EVERYTHING)
    windows = {a.review_id: Window(a.review_since, max(now, a.review_since)) for a in agents if a.review_id}
    reviewed = [agent.pk for agent in agents if agent.review_id]
    told = digests_of(list(windows), reviewed, list(windows.values())) if windows else {}
    off = off_target(reviewed)
    groups = [
        Group(
            agent=agent,
            status=Observed(agent.observed) if agent.observed else None,
            status_since=agent.observed_since,
            review=agent.review_id,
            digest=told.get(agent.review_id),
            items=items[agent.pk],
            off_target=agent.pk in off,
        )
        for agent in agents
    ]
    return Queue(sorted(groups, key=lambda group: (-group.rank, group.quiet, group.agent.name)), total, now)


def item_of(exception: RunException) -> Item:
    """An open exception as the queue shows it; `exception.item` and its claimer are read."""
    item = exception.item
    return Item(
        pk=item.pk,
        kind=ExceptionKind(exception.kind),
        rank_reason=item.rank_reason,
        severity=exception.severity,
        title=exception.title,
        opened_at=exception.opened_at,
        state=item.state,
        rank=item.rank,
        snoozed_until=item.snoozed_until,
        claimed_by=item.claimed_by.name if item.claimed_by else None,
    )


def is_well(agent: Agent) -> bool:
    """Whether nothing is known to be wrong with it; `agent.status` is read."""
    status = getattr(agent, "status", None)
    return status is None or status.state not in UNWELL


def _agents(user: User, team: Team, having: Collection[uuid.UUID], *, whole: bool) -> list[Any]:
    """Those that have items, and, for the whole queue, those whose day is open; with status and open review."""
    given = {"agents": list(having), "all": whole, "open": list(OPEN_REVIEWS), "team": team.pk, "user": user.pk}
    return list(Agent.objects.raw(AGENTS, given))
