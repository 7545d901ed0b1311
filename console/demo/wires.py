"""How the demo's agents are reached: vendors' stand-ins for those that others run, webhooks for those that call us."""

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.utils import timezone

from agents.base.ids import uuid7
from agents.connectors.actions import connect, open_source, receive_event
from agents.connectors.actions.syncing import OVERLAP
from agents.connectors.enums import ConnectionState
from agents.connectors.models import Connection
from agents.connectors.signing import signed
from agents.fleet.enums import Vendor
from agents.fleet.models import Agent
from agents.people.models import User
from console.demo.asks import ASKS
from console.demo.cast import DemoAgent
from console.demo.month import ZONE, Month
from console.demo.nights import night

HOOK_SECRET = "whsec_cmVoZWFyc2FsLXdlYmhvb2stc2VjcmV0LTMyYg=="
"""What every webhook agent of the rehearsal process signs with: it protects nothing."""
SALESFORCE = (Vendor.ARTISAN, Vendor.AGENTFORCE)
OWN = (Vendor.OURS, Vendor.MANUAL)
DETAIL = 10
"""Most steps of one of their runs."""


def wire(month: Month, agents: dict[DemoAgent, Agent], chief: User) -> None:
    """Connects every agent that has somewhere to be reached; nothing has been collected since the month's end."""
    if not settings.REHEARSAL_URL:
        return  # The demo's credentials must not go to the vendors' own addresses.
    for wanted, agent in agents.items():
        if agent.vendor not in OWN:
            connect(agent, actor=chief, **_way(wanted))
    seen = {"last_sync_at": month.cut, "synced_until": month.cut + OVERLAP, "tested_at": month.cut}
    state = {"state": ConnectionState.CONNECTED, "state_since": month.start, "tested_rehearsal": True}
    Connection.objects.filter(agent__in=agents.values()).update(**seen, **state, tested_ms=40)


def _way(wanted: DemoAgent) -> dict[str, Any]:
    """Address, settings and credentials at the stand-in of its vendor."""
    vendor = wanted.vendor
    base = f"{settings.REHEARSAL_URL}/vendors/{'salesforce' if vendor in SALESFORCE else vendor}"
    if vendor == Vendor.WEBHOOK:
        return {"base_url": f"{base}/{wanted.slug}", "secrets": {"signing_secret": HOOK_SECRET}}
    if vendor in SALESFORCE:
        there = {"agent_api": base} if vendor == Vendor.AGENTFORCE else {}
        secrets = {"client_id": wanted.account, "client_secret": "rehearsal"}
        return {"base_url": base, "settings": {**wanted.settings, **there}, "secrets": secrets}
    standing = {"agent_id": wanted.slug, "session_id": "sesn_standing"} if vendor == Vendor.CLAUDE else {}
    return {"base_url": base, "settings": {**wanted.settings, **standing}, "secrets": {"api_key": wanted.account}}


def report(month: Month, agents: dict[DemoAgent, Agent], chief: User) -> None:
    """The webhook agents tell of their night, each at an address of its own; nobody has read it yet."""
    for wanted, agent in agents.items():
        if agent.vendor == Vendor.WEBHOOK:
            source, secret = open_source(agent.team, name=agent.slug, actor=chief, agent=agent)
            body = json.dumps({"runs": list(_tonight(month, wanted))}).encode()
            receive_event(source, signed(secret, str(uuid7()), body), body)


def _tonight(month: Month, wanted: DemoAgent) -> Iterator[dict[str, Any]]:
    """What went well in the nights since the month's end, and what it waits for now."""
    now = timezone.now().replace(microsecond=0)
    last = month.nights[-1]
    days = [last + dt.timedelta(days=ahead) for ahead in range(1, (now.astimezone(ZONE).date() - last).days + 1)]
    for number, day in enumerate(days, start=len(month.nights)):
        for each in night(wanted, number, day, steps=DETAIL):
            if each.document.finished_at and each.document.finished_at < now and not each.failed:
                yield json.loads(each.document.model_dump_json(exclude_none=True, exclude_defaults=True))
    for ask in ASKS.get(wanted.slug, ()):
        begun = now - dt.timedelta(minutes=ask.minutes)
        yield {
            "external_id": f"{wanted.slug}-{begun:%Y%m%d%H%M}-asks",
            "status": "waiting",
            "title": ask.title,
            "input": {"text": ask.detail, **({"contact": ask.contact} if ask.contact else {})},
            "started_at": begun.isoformat(),
            "asks": [{"id": "1", **ask.told}],
        }
