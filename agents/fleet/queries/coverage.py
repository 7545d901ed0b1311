"""Who really answers for which agent."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, Max, OuterRef, Prefetch, QuerySet, Subquery, TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.fleet.enums import QUORUM_ROLES, Lifecycle, OwnerRole
from agents.fleet.models import Agent, AgentOwner
from agents.fleet.queries.fleet import rank, seats
from agents.people.models import Team
from agents.people.queries import away
from audit.models import AuditEvent

BUS_FACTOR_DAYS = 30
GONE = away().filter(user=OuterRef("user"))


class Gap(TextChoices):
    """Why somebody must be appointed."""

    SHORT = "short", _("fewer than two active owners")
    NO_PRIMARY = "no_primary", _("no active primary owner")
    ACTING = "acting", _("an acting owner stands in")
    INACTIVE = "inactive", _("an owner may no longer sign in")
    AWAY = "away", _("everybody who answers for it is away")


@dataclass(frozen=True)
class OwnerCover:
    """One seat and when its person last acted on this agent (None: not within the days looked at).

    `away_until`: the last day of the absence that keeps the person away now.
    """

    seat: AgentOwner
    acted_at: dt.datetime | None
    away_until: dt.date | None = None

    @property
    def counts(self) -> bool:
        """True when the seat counts towards the two."""
        return self.seat.role in QUORUM_ROLES and self.seat.user.is_active


@dataclass(frozen=True)
class AgentCover:
    """One agent with its owners: `quorum` active owners that count, `bus_factor` of them who really acted (R-082)."""

    agent: Agent
    owners: tuple[OwnerCover, ...]

    @property
    def quorum(self) -> int:
        return sum(owner.counts for owner in self.owners)

    @property
    def bus_factor(self) -> int:
        return sum(owner.counts and owner.acted_at is not None for owner in self.owners)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        found = {
            Gap.SHORT: self.quorum < 2,
            Gap.NO_PRIMARY: not any(o.counts and o.seat.role == OwnerRole.PRIMARY for o in self.owners),
            Gap.ACTING: any(o.seat.acting for o in self.owners),
            Gap.INACTIVE: any(not o.seat.user.is_active and o.seat.role in QUORUM_ROLES for o in self.owners),
            Gap.AWAY: bool(self.quorum) and not any(o.counts and o.away_until is None for o in self.owners),
        }
        return tuple(gap for gap, true in found.items() if true)


def coverage(team: Team, *, agents: QuerySet[Agent] | None = None, days: int = BUS_FACTOR_DAYS) -> list[AgentCover]:
    """Every agent of the team that is not retired (or those of `agents`), by name; three queries."""
    chosen = Agent.objects.filter(team=team) if agents is None else agents.filter(team=team)
    chosen = chosen.exclude(lifecycle=Lifecycle.RETIRED).order_by("name", "pk")
    owners = seats().annotate(away_until=Subquery(GONE.values("last")[:1]))
    listed = list(chosen.select_related("status").prefetch_related(Prefetch("owners", owners)))
    acted = _last_acts(team, timezone.now() - dt.timedelta(days=days))
    return [AgentCover(agent, tuple(_cover(seat, acted) for seat in agent.owners.all())) for agent in listed]


def _cover(seat: Any, acted: dict[tuple[uuid.UUID, uuid.UUID], dt.datetime]) -> OwnerCover:
    return OwnerCover(seat, acted.get((seat.agent_id, seat.user_id)), seat.away_until)


def _last_acts(team: Team, since: dt.datetime) -> dict[tuple[uuid.UUID, uuid.UUID], dt.datetime]:
    rows = AuditEvent.objects.filter(team_id=team.pk, actor_kind="person", agent_id__isnull=False, at__gte=since)
    last = rows.values_list("agent_id", "actor_id").annotate(last=Max("at"))
    return {(agent, person): at for agent, person, at in last}


def unappointed(team: Team) -> list[AgentCover]:
    """The agents for which somebody must still be appointed, each with its `gaps`."""
    return [cover for cover in coverage(team) if cover.gaps]


def zones_of_nights(agents: list[Agent]) -> dict[Agent, ZoneInfo]:
    """`owner_of_night` of each, in one query; `agent.team` is read."""
    first: dict[uuid.UUID, ZoneInfo] = {}
    for seat in _nightly().filter(agent__in=agents) if agents else ():
        first.setdefault(seat.agent_id, seat.user.tzinfo)
    return {agent: first.get(agent.pk) or ZoneInfo(agent.team.zone) for agent in agents}


def owner_of_night(agent: Agent) -> ZoneInfo:
    """The time zone whose night is the agent's: of its first active owner that counts, else of the team.

    Whoever is away comes after those who are there.
    """
    first = _nightly().filter(agent=agent).first()
    return first.user.tzinfo if first else ZoneInfo(agent.team.zone)


def _nightly() -> QuerySet[AgentOwner]:
    rows = seats().filter(role__in=QUORUM_ROLES, user__is_active=True).annotate(away=Exists(GONE))
    return rows.order_by("away", rank("role", OwnerRole.values), "since", "pk")
