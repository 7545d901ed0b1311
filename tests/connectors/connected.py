"""Agents connected to the demo vendors of the rehearsal process."""

import datetime as dt
from typing import Any

from agents.base.models import Secret
from agents.connectors.contract import Adapter
from agents.connectors.models import Connection
from agents.connectors.models.connections import OWNER_TYPE
from agents.connectors.registry import of
from agents.fleet.enums import Vendor
from agents.fleet.models import Agent
from tests.rehearsal.fixtures import Rehearsal

HOOK_SECRET = "whsec_cmVoZWFyc2FsLXdlYmhvb2stc2VjcmV0LTMyYg=="
LAST_WEEK = dt.timedelta(days=3)
PLACES = {
    Vendor.QUALIFIED: "qualified",
    Vendor.MONACO: "monaco",
    Vendor.MOMENTUM: "momentum",
    Vendor.AGENTFORCE: "salesforce",
    Vendor.ARTISAN: "salesforce",
    Vendor.CLAUDE: "claude",
    Vendor.WEBHOOK: "webhook/agent",
}
SETTINGS: dict[str, dict[str, str]] = {
    Vendor.MONACO: {"template_id": "seqt_1", "campaign_id": "cmp_1"},
    Vendor.MOMENTUM: {"signal_prompts": "churn"},
    Vendor.AGENTFORCE: {"agent_id": "0Xx1", "agent_name": "Service"},
    Vendor.CLAUDE: {"agent_id": "agent_1", "session_id": "sesn_standing"},
}


def connect(agent: Agent, vendor: Vendor, rehearsal: Rehearsal, seed: str = "seed", **settings: str) -> Connection:
    """The agent, now this vendor's, with its account at the demo vendor."""
    agent.vendor = vendor
    agent.save(update_fields=["vendor"])
    url = f"{rehearsal.url}/vendors/{PLACES[vendor]}"
    given: dict[str, Any] = {**SETTINGS.get(vendor, {}), "agent_api": url, **settings}
    connection = Connection.objects.create(agent=agent, base_url=url, settings=given)
    for name in ("api_key", "client_id", "client_secret"):
        credential(connection, name, seed)
    credential(connection, "signing_secret", HOOK_SECRET)
    return connection


def credential(connection: Connection, name: str, value: str) -> None:
    row = Secret.objects.filter(owner_type=OWNER_TYPE, owner_id=connection.pk, name=name).first()
    row = row or Secret(owner_type=OWNER_TYPE, owner_id=connection.pk, name=name)
    row.value = value
    row.save()


def connected(agent: Agent, vendor: Vendor, rehearsal: Rehearsal, **given: str) -> Adapter:
    return of(agent, connect(agent, vendor, rehearsal, **given))
