"""Which escalation policy is in force, and whom its next step means."""

import datetime as dt

from django.db.models import Q, QuerySet
from django.utils import timezone

from agents.fleet.enums import OwnerRole, Verb
from agents.fleet.models import Agent, AgentOwner
from agents.fleet.permissions import agents_for
from agents.people.enums import TeamRole
from agents.people.models import Team, User
from agents.people.queries import here
from agents.runs.enums import HandTo, Severity
from agents.runs.ladders import SHIPPED, Ladder, Rung, ladder_of
from agents.runs.models import EscalationPolicy, ReviewItem, RunException


def ladder_for(agent: Agent, severity: str) -> Ladder:
    """The agent's own ladder, else its team's, else what ships; one query. A version without steps gives way."""
    return _in_force(EscalationPolicy.objects.filter(Q(agent=agent) | Q(agent=None), team=agent.team_id), severity)


def ladder_of_team(team: Team, severity: str) -> Ladder:
    """The ladder of agents that have none of their own."""
    return _in_force(EscalationPolicy.objects.filter(agent=None, team=team), severity)


def _in_force(rows: QuerySet[EscalationPolicy], severity: str) -> Ladder:
    last = rows.filter(severity=severity).order_by("agent_id", "-number").distinct("agent_id")
    row = next((each for each in last if each.steps), None)
    return ladder_of(row.steps, row.loops, row.number) if row else SHIPPED[Severity(severity)]


def policies(team: Team) -> QuerySet[EscalationPolicy]:
    """Every version of every ladder of the team, newest first."""
    return EscalationPolicy.objects.filter(team=team).select_related("agent", "created_by").order_by("-pk")


def holder(item: ReviewItem) -> User | None:
    """Whose turn it is: the assignee, else the agent's primary owner."""
    if item.assignee_id:
        return item.assignee
    seat = AgentOwner.objects.filter(agent=item.agent_id, role=OwnerRole.PRIMARY).select_related("user").first()
    return seat.user if seat else None


def target(rung: Rung, agent: Agent) -> User | None:
    """Whom the rung means today: somebody who is there, can sign in and may decide about this agent, or nobody."""
    for user in _meant(rung, agent):
        if user.is_active and agents_for(user, Verb.REVIEW).filter(pk=agent.pk).exists():
            return user
    return None


def _meant(rung: Rung, agent: Agent) -> QuerySet[User]:
    """Whoever is away is not meant today."""
    return here(_named(rung, agent))


def _named(rung: Rung, agent: Agent) -> QuerySet[User]:
    if rung.to == HandTo.PERSON:
        return User.objects.filter(pk=rung.person)
    if rung.to == HandTo.CHIEF:
        chiefs = User.objects.filter(memberships__team=agent.team_id, memberships__role=TeamRole.CHIEF)
        return chiefs.order_by("memberships__since", "pk")
    return User.objects.filter(ownerships__agent=agent, ownerships__role=rung.to).order_by("ownerships__since", "pk")


def first_hour(exception: RunException) -> dt.datetime | None:
    """When an exception that is raised now is handed on, if nobody answers it."""
    rung = ladder_for(exception.agent, exception.severity).at(0)
    return timezone.now() + rung.delay if rung else None
