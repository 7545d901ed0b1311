"""An agent's tools over the wire: what it was given and did with it, giving, taking away, freezing."""

import datetime as dt
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from agents.fleet import actions
from agents.fleet.enums import DataClass
from agents.fleet.models import WriteFreeze
from agents.fleet.queries.freezes import freezes_for
from agents.runs.queries.tools import Held, held_tools
from console.api.access import CONFIGURE, READ, agent_or_404, caller, token_of
from console.api.idempotency import once
from console.api.schemas import ReasonIn

router = Router(tags=["agents"])


class TermsIn(Schema):
    """Empty lists are all fields; no limit is none. Amounts are in micro-units, a day is the team's."""

    model_config = {"extra": "forbid"}

    sets: list[str] = Field(default_factory=list, max_length=50)
    sees: list[str] = Field(default_factory=list, max_length=50)
    classes: list[DataClass] = Field(default_factory=list, max_length=10)
    max_call_micros: int | None = Field(None, ge=0, lt=2**63)
    max_day_micros: int | None = Field(None, ge=0, lt=2**63)
    currency: str = "USD"
    confirm: bool = True
    dry_run: bool = False


class GrantOut(TermsIn):
    granted_at: dt.datetime


class ToolOut(Schema):
    """A tool of the registry, with the agent's grant if it has one; counts are of the last 30 days.

    `data` is the class of what it gives back, `fields` those of the fields that are of another.
    """

    tool: str
    system: str
    effect: str
    arguments: dict[str, Any]
    data: DataClass
    fields: dict[str, DataClass]
    grant: GrantOut | None
    last_used: dt.datetime | None
    changed: int
    refused: int


class RevokedOut(Schema):
    granted: bool


class FreezeOut(Schema):
    frozen: bool


class FrozenOut(Schema):
    """Without an agent, every agent of the team."""

    agent: str | None
    reason: str
    frozen_at: dt.datetime

    @staticmethod
    def resolve_agent(freeze: WriteFreeze) -> str | None:
        return freeze.agent.slug if freeze.agent else None


def _out(held: Held) -> ToolOut:
    tool, grant = held.tool, GrantOut.from_orm(held.grant) if held.grant else None
    return ToolOut(
        tool=tool.slug,
        system=tool.system,
        effect=tool.effect.value,
        arguments=dict(tool.schema),
        data=tool.data,
        fields=dict(tool.fields),
        grant=grant,
        last_used=held.last_used,
        changed=held.changed,
        refused=held.refused,
    )


@router.get("/agents/{slug:slug}/tools", response=list[ToolOut], auth=READ)
def list_tools(request: HttpRequest, slug: str) -> list[ToolOut]:
    """Those that the agent was given first."""
    return [_out(held) for held in held_tools(agent_or_404(request, slug))]


@router.put("/agents/{slug:slug}/tools/{tool}", response=GrantOut, auth=CONFIGURE)
@once
def grant_tool(request: HttpRequest, slug: str, tool: str, body: TermsIn) -> Status[GrantOut]:
    """Gives the tool within these terms, in place of earlier ones."""
    given = body.model_dump()
    terms = actions.Terms(**given | {name: tuple(given[name]) for name in ("sets", "sees", "classes")})
    grant = actions.grant_tool(agent_or_404(request, slug), tool=tool, terms=terms, actor=caller(request))
    return Status(200, GrantOut.from_orm(grant))


@router.delete("/agents/{slug:slug}/tools/{tool}", response=RevokedOut, auth=CONFIGURE)
@once
def revoke_tool(request: HttpRequest, slug: str, tool: str) -> Status[RevokedOut]:
    """The next call is refused, also in runs under way."""
    actions.revoke_tool(agent_or_404(request, slug), tool=tool, actor=caller(request))
    return Status(200, RevokedOut(granted=False))


@router.get("/freezes", response=list[FrozenOut], auth=READ)
def list_freezes(request: HttpRequest) -> list[WriteFreeze]:
    """Whole team first, where it is frozen; then every frozen agent the caller sees."""
    found = freezes_for(caller(request), token_of(request).team)
    return sorted(found, key=lambda each: each.agent_id is not None)


@router.put("/freezes/team", response=FreezeOut, auth=CONFIGURE)
@once
def freeze_team(request: HttpRequest, body: ReasonIn) -> Status[FreezeOut]:
    """No agent of the team changes or publishes anything from now on."""
    actions.freeze_team(token_of(request).team, reason=body.reason, actor=caller(request))
    return Status(200, FreezeOut(frozen=True))


@router.delete("/freezes/team", response=FreezeOut, auth=CONFIGURE)
@once
def thaw_team(request: HttpRequest) -> Status[FreezeOut]:
    """Those frozen by themselves stay so."""
    actions.thaw_team(token_of(request).team, actor=caller(request))
    return Status(200, FreezeOut(frozen=False))


@router.put("/agents/{slug:slug}/freeze", response=FreezeOut, auth=CONFIGURE)
@once
def freeze_agent(request: HttpRequest, slug: str, body: ReasonIn) -> Status[FreezeOut]:
    """The agent changes and publishes nothing from now on."""
    actions.freeze_agent(agent_or_404(request, slug), reason=body.reason, actor=caller(request))
    return Status(200, FreezeOut(frozen=True))


@router.delete("/agents/{slug:slug}/freeze", response=FreezeOut, auth=CONFIGURE)
@once
def thaw_agent(request: HttpRequest, slug: str) -> Status[FreezeOut]:
    actions.thaw_agent(agent_or_404(request, slug), actor=caller(request))
    return Status(200, FreezeOut(frozen=False))
