"""Adapters by vendor."""

from agents.connectors.agentforce import Agentforce
from agents.connectors.artisan import Artisan
from agents.connectors.claude import Claude
from agents.connectors.contract import Adapter
from agents.connectors.manual import Manual
from agents.connectors.models import Connection
from agents.connectors.momentum import Momentum
from agents.connectors.monaco import Monaco
from agents.connectors.ours import Ours
from agents.connectors.qualified import Qualified
from agents.connectors.webhook import Webhook
from agents.fleet.enums import Vendor
from agents.fleet.models import Agent

KINDS = (Agentforce, Artisan, Claude, Manual, Momentum, Monaco, Ours, Qualified, Webhook)
ADAPTERS: dict[str, type[Adapter]] = {kind.vendor: kind for kind in KINDS}


def adapter(agent: Agent) -> Adapter:
    """The adapter of this agent's system, with its connection where there is one."""
    return of(agent, Connection.objects.filter(agent=agent).first())


def of(agent: Agent, connection: Connection | None) -> Adapter:
    """The same, with a connection already at hand."""
    return ADAPTERS[Vendor(agent.vendor)](agent, connection)
