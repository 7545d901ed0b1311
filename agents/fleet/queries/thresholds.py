"""Which thresholds hold for an agent."""

import uuid
from collections import defaultdict
from collections.abc import Iterable

from django.db.models import QuerySet

from agents.fleet.models import Agent, Assignment, Threshold
from agents.people.models import Team


def thresholds(team: Team) -> QuerySet[Threshold]:
    """Those in force and those that were, the newest first."""
    found = Threshold.objects.filter(team=team).select_related("agent", "flow", "set_by", "team")
    return found.order_by("-set_at", "-pk")


def thresholds_of(team: Team, agents: Iterable[Agent]) -> dict[uuid.UUID, dict[str, Threshold]]:
    """By agent and KPI: an agent's own outweighs its flow's, and that the team's. Two queries."""
    found: dict[uuid.UUID | None, dict[str, Threshold]] = defaultdict(dict)
    for each in Threshold.objects.filter(team=team, ended_at=None):
        found[each.agent_id or each.flow_id][each.key] = each
    flows = dict(Assignment.objects.filter(agent__team=team).values_list("agent", "flow_version__flow"))
    return {agent.pk: found[None] | found[flows.get(agent.pk)] | found[agent.pk] for agent in agents}
