"""The team's policy in force."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from agents.fleet.models import Agent, PolicyVersion

SECOND_PERSON = "second_person_above"
"""The policy's rule: agents' slugs, or TEAM for all, and the micro-units above which an approval needs two people."""
TEAM = "*"


def policy(team_id: uuid.UUID) -> PolicyVersion | None:
    """The newest version of the team's policy."""
    return PolicyVersion.objects.filter(team_id=team_id).order_by("-number").first()


def ruled(name: str) -> dict[uuid.UUID, Any]:
    """What each team's policy in force says under this rule, teams without it left out; one query."""
    newest = PolicyVersion.objects.order_by("team", "-number").distinct("team")
    return {version.team_id: version.rules[name] for version in newest if name in version.rules}


def versions(team_id: uuid.UUID) -> QuerySet[PolicyVersion]:
    """Every version of the team's policy, the newest first."""
    return PolicyVersion.objects.filter(team_id=team_id).select_related("created_by").order_by("-number")


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The rules that are not the same, each as it was and as it is; None where there was or is none."""
    names = sorted({*before, *after})
    return {name: (before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)}


def limits(version: PolicyVersion | None) -> Mapping[str, int]:
    """Above how many micro-units an approval needs a second person, by agent and for the team."""
    found: Mapping[str, int] = version.rules.get(SECOND_PERSON, {}) if version else {}
    return found


def second_person_above(agent: Agent) -> int | None:
    """The lower of the agent's own limit and its team's, in micro-units of the agent's currency; None: no limit."""
    given = limits(policy(agent.team_id))
    return min((given[name] for name in (agent.slug, TEAM) if name in given), default=None)
