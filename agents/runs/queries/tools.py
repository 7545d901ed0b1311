"""An agent's tools: what it was given, within which terms, and what it did with it."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Max, Q
from django.utils import timezone

from agents.fleet.models import Agent, ToolGrant
from agents.fleet.toolbox import Tool, tools
from agents.runs.models import ToolUse

LATELY = dt.timedelta(days=30)


@dataclass(frozen=True)
class Held:
    """One tool as the agent has it, or does not: `grant` is None. Counts are of the last 30 days."""

    tool: Tool
    grant: ToolGrant | None
    last_used: dt.datetime | None
    changed: int
    refused: int


def held_tools(agent: Agent) -> list[Held]:
    """Every tool of the registry, those that the agent has first. Two queries."""
    grants = {grant.tool: grant for grant in ToolGrant.objects.filter(agent=agent).select_related("granted_by")}
    uses = ToolUse.objects.filter(agent=agent, at__gte=timezone.now() - LATELY).values("tool").order_by()
    told = uses.annotate(
        last=Max("at", filter=Q(refused="")),
        changes=Count("pk", filter=Q(changed=True)),
        refusals=Count("pk", filter=~Q(refused="")),
    )
    by_tool = {row["tool"]: (row["last"], row["changes"], row["refusals"]) for row in told}
    found = [Held(tool, grants.get(tool.slug), *by_tool.get(tool.slug, (None, 0, 0))) for tool in tools()]
    return sorted(found, key=lambda held: held.grant is None)
