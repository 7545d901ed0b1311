"""Which escalation policy is in force."""

import datetime as dt
import uuid

from django.db.models import Q, QuerySet
from django.utils import timezone

from agents.fleet.models import Agent, Flow
from agents.people.models import Team
from agents.runs.enums import Severity
from agents.runs.ladders import SHIPPED, Ladder, ladder_of
from agents.runs.models import EscalationPolicy, RunException
from agents.runs.stakes import amounts


def ladder_for(agent: Agent, severity: str) -> Ladder:
    """The agent's own ladder, else its team's, else what ships; one query. A version without steps gives way."""
    return _in_force(Q(agent=agent) | Q(agent=None, flow=""), agent.team_id, severity)


def ladder_of_team(team: Team, severity: str, flow: str = "") -> Ladder:
    """The ladder of agents that have none of their own, in runs of this flow."""
    return _in_force(Q(agent=None, flow__in={flow, ""}), team.pk, severity)


def ladder_of_case(exception: RunException) -> Ladder:
    """The ladder it climbs, without the steps it is too simple for: its agent's, else of the flow of its run, else its
    team's, else what ships; one query."""
    agent, run = exception.agent, exception.run
    flows = Flow.objects.filter(versions=run.flow_version_id).values("slug") if run and run.flow_version_id else []
    own = Q(agent=agent) | Q(agent=None, flow="") | Q(agent=None, flow__in=flows)
    found = _in_force(own, agent.team_id, exception.severity)
    return found.of_case(
        run.steps_done if run else 0, max((micros for micros, _of in amounts(exception.proposal)), default=0)
    )


def _in_force(own: Q, team_id: uuid.UUID, severity: str) -> Ladder:
    """Agents before flows before the team."""
    rows = EscalationPolicy.objects.filter(own, team=team_id, severity=severity)
    last = rows.order_by("agent_id", "-flow", "-number").distinct("agent_id", "flow")
    row = next((each for each in last if each.steps), None)
    return ladder_of(row.steps, row.loops, row.number) if row else SHIPPED[Severity(severity)]


def policies(team: Team) -> QuerySet[EscalationPolicy]:
    """Every version of every ladder of the team, newest first."""
    return EscalationPolicy.objects.filter(team=team).select_related("agent", "created_by").order_by("-pk")


def first_hour(exception: RunException) -> dt.datetime | None:
    """When an exception that is raised now is handed on, if nobody answers it."""
    rung = ladder_of_case(exception).at(0)
    return timezone.now() + rung.delay if rung else None
