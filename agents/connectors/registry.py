"""Adapters by vendor."""

from agents.connectors.contract import Adapter
from agents.connectors.manual import Manual
from agents.connectors.models import Connection
from agents.connectors.ours import Ours
from agents.fleet.enums import Vendor
from agents.fleet.models import Agent

ADAPTERS: dict[str, type[Adapter]] = {kind.vendor: kind for kind in (Manual, Ours)}


def adapter(agent: Agent) -> Adapter:
    """The adapter of this agent's system, with its connection where there is one."""
    return of(agent, Connection.objects.filter(agent=agent).first())


def of(agent: Agent, connection: Connection | None) -> Adapter:
    """The same, with a connection already at hand."""
    return ADAPTERS[Vendor(agent.vendor)](agent, connection)
