"""A shop small enough to read, so that the flow can be tried where no shop is connected."""

import json
from pathlib import Path
from typing import Any

from django.db import transaction

from agents.fleet.actions import Terms, grant_tool
from agents.fleet.models import Agent
from agents.flows.models import Record
from agents.flows.retail import SYSTEM
from agents.flows.retail.store import load_store
from agents.flows.retail.tools import TOOLS
from agents.people.models import User

LIMIT = 200_000_000
"""Micro-units of USD that the agent may move with one call."""


@transaction.atomic
def open_sample_shop(agent: Agent, *, actor: User) -> bool:
    """The agent's team gets the sample shop unless it has one, and the agent every tool, each change confirmed.

    Says whether the shop is new. Raises NotAllowed.
    """
    terms = Terms(max_call_micros=LIMIT)
    for tool in TOOLS:
        grant_tool(agent, tool=tool.slug, terms=terms, actor=actor)
    if Record.objects.filter(team=agent.team_id, system=SYSTEM).exists():
        return False
    return load_store(agent.team, sample_shop()) > 0


def sample_shop() -> dict[str, Any]:
    """Its orders, products and users."""
    world: dict[str, Any] = json.loads(Path(__file__).with_name("sample.json").read_text(encoding="utf-8"))
    return world
