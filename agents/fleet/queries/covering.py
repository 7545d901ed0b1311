"""Who answers for an agent while one of its owners is away, and where nobody would."""

import uuid
from collections.abc import Collection

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from agents.fleet.enums import QUORUM_ROLES, Lifecycle
from agents.fleet.models import Agent, AgentOwner
from agents.fleet.queries.fleet import seats
from agents.people.enums import TeamRole
from agents.people.models import Absence, Membership, User
from agents.people.queries import away


def covers(agents: Collection[uuid.UUID]) -> dict[uuid.UUID, User]:
    """Of each agent the first active owner who is not away, primary first; else the team's first chief who is not.

    Where nobody is left, the agent is missing.
    """
    gone = away().filter(user=OuterRef("user"))
    present = seats().filter(agent__in=agents, role__in=QUORUM_ROLES, user__is_active=True).exclude(Exists(gone))
    found: dict[uuid.UUID, User] = {}
    for seat in present:
        found.setdefault(seat.agent_id, seat.user)
    left = Agent.objects.filter(pk__in=set(agents) - found.keys()).values_list("pk", "team_id")
    chiefs = _chiefs({team for _agent, team in left}, gone)
    return found | {agent: chiefs[team] for agent, team in left if team in chiefs}


def _chiefs(teams: set[uuid.UUID], gone: QuerySet[Absence]) -> dict[uuid.UUID, User]:
    rows = Membership.objects.filter(team__in=teams, role=TeamRole.CHIEF, user__is_active=True).exclude(Exists(gone))
    found: dict[uuid.UUID, User] = {}
    for row in rows.select_related("user").order_by("since", "pk"):
        found.setdefault(row.team_id, row.user)
    return found


def left_alone(absence: Absence) -> QuerySet[Agent]:
    """The live agents of the person whose other owners are all away at some moment of this absence."""
    return _answered_for(absence, others=0)


def left_to_one(absence: Absence) -> QuerySet[Agent]:
    """The live agents of the person for which one other owner at most is there all the time."""
    return _answered_for(absence, others=1)


def _answered_for(absence: Absence, others: int) -> QuerySet[Agent]:
    """The live agents of the person that at most so many others answer for all the time."""
    mine = AgentOwner.objects.filter(user=absence.user, role__in=QUORUM_ROLES)
    meanwhile = Absence.objects.filter(ended_at=None, since__lt=absence.until, until__gt=absence.since)
    there = Q(owners__role__in=QUORUM_ROLES, owners__user__is_active=True) & ~Q(owners__user=absence.user)
    there &= ~Q(owners__user__in=meanwhile.values("user"))
    live = Agent.objects.filter(lifecycle=Lifecycle.LIVE, pk__in=mine.values("agent"))
    return live.alias(present=Count("owners", filter=there)).filter(present__lte=others).order_by("name", "pk")
