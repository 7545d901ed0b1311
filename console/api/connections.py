"""How agents elsewhere are reached. Credentials are written, never read."""

import datetime as dt

from django.http import Http404, HttpRequest
from ninja import Field, Router, Schema, Status

from agents.base.models import Secret
from agents.connectors import actions
from agents.connectors.enums import ConnectionState, Method, Way
from agents.connectors.models import Connection
from agents.connectors.models.connections import OWNER_TYPE
from agents.connectors.registry import of
from agents.fleet.models import Agent
from console.api.access import CONFIGURE, READ, REVIEW, agent_or_404, caller
from console.api.idempotency import once

router = Router(tags=["connections"])


class ConnectionIn(Schema):
    """A credential that is left out stays as it is."""

    model_config = {"extra": "forbid"}

    base_url: str = Field("", max_length=300)
    settings: dict[str, str] = {}
    secrets: dict[str, str] = {}
    every_s: int = Field(900, ge=60, le=86_400)
    quiet_after_s: int | None = Field(None, ge=60, le=31_536_000)


class CapabilityOut(Schema):
    """`tried`: whether a live account has answered a test; until then a live way is documented, and no more."""

    method: Method
    way: Way
    note: str
    tried: bool


class ConnectionOut(Schema):
    """`credentials` are the names of those that are set."""

    connected: bool
    state: ConnectionState
    base_url: str
    settings: dict[str, str]
    credentials: list[str]
    every_s: int
    quiet_after_s: int | None
    problem: str
    error: str
    tested_at: dt.datetime | None
    tested_rehearsal: bool
    last_sync_at: dt.datetime | None
    deep_link: str
    capabilities: list[CapabilityOut]


class TestOut(Schema):
    detail: str
    took_ms: int
    rehearsal: bool


class FetchOut(Schema):
    queued: bool


def _out(agent: Agent) -> ConnectionOut:
    kept = Connection.objects.filter(agent=agent).first()
    found, row = of(agent, kept), kept or Connection(agent=agent)
    held = Secret.objects.filter(owner_type=OWNER_TYPE, owner_id=row.pk).values_list("name", flat=True)
    told = [
        {"method": method, "way": each.way, "note": str(each.note), "tried": each.tried}
        for method, each in found.capabilities.items()
    ]
    plain = {name: getattr(row, name) for name in ConnectionOut.model_fields if hasattr(row, name)}
    more = {"connected": kept is not None, "credentials": sorted(held), "deep_link": found.deep_link()}
    return ConnectionOut.model_validate({**plain, **more, "capabilities": told})


def _or_404(request: HttpRequest, slug: str) -> Connection:
    agent = agent_or_404(request, slug)
    connection = Connection.objects.select_related("agent__team").filter(agent=agent).first()
    if connection is None:
        raise Http404
    return connection


@router.get("/agents/{slug:slug}/connection", response=ConnectionOut, auth=READ)
def get_connection(request: HttpRequest, slug: str) -> ConnectionOut:
    """Also of an agent that is not connected: what can be done with it all the same."""
    return _out(agent_or_404(request, slug))


@router.put("/agents/{slug:slug}/connection", response=ConnectionOut, auth=CONFIGURE)
@once
def set_connection(request: HttpRequest, slug: str, body: ConnectionIn) -> Status[ConnectionOut]:
    agent = agent_or_404(request, slug)
    actions.connect(agent, actor=caller(request), **body.model_dump())
    return Status(200, _out(agent))


@router.delete("/agents/{slug:slug}/connection", response=ConnectionOut, auth=CONFIGURE)
@once
def remove_connection(request: HttpRequest, slug: str) -> Status[ConnectionOut]:
    """Its credentials are deleted; what it has done stays."""
    connection = _or_404(request, slug)
    actions.disconnect(connection, actor=caller(request))
    return Status(200, _out(connection.agent))


@router.post("/agents/{slug:slug}/connection/test", response=TestOut, auth=CONFIGURE)
@once
def test_connection(request: HttpRequest, slug: str) -> Status[TestOut]:
    """Asks the agent's system something harmless, now. `rehearsal`: a stand-in answered, not the vendor."""
    health = actions.try_connection(_or_404(request, slug), actor=caller(request))
    told = TestOut(detail=health.detail, took_ms=health.took_ms, rehearsal=health.rehearsal)
    return Status(200, told)


@router.post("/agents/{slug:slug}/connection/fetch", response=FetchOut, auth=REVIEW)
@once
def fetch_agent(request: HttpRequest, slug: str) -> Status[FetchOut]:
    """A worker fetches what the agent did since the last time."""
    actions.sync_now(_or_404(request, slug), actor=caller(request))
    return Status(200, FetchOut(queued=True))
