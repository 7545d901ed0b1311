"""Flows that the team composed itself, over the wire: which there are, a new one, the next version of one."""

from typing import Any

from django.http import Http404, HttpRequest
from ninja import Field, Router, Schema, Status

from agents.flows.composed import Stage
from agents.flows.composing import MOST_STAGES, compose_flow, own_flows, recipe
from agents.flows.recipe import Recipe
from agents.runs.registry import OWN
from console.api.access import CONFIGURE, READ, caller, token_of
from console.api.idempotency import once

router = Router(tags=["flows"])


class StageBody(Schema):
    """`part`: a role of the library, `search` or `publish`. `least`: the mark below which a person takes over."""

    model_config = {"extra": "forbid"}

    part: str = Field(max_length=40)
    name: str = Field(min_length=1, max_length=40)
    latency_ms: int = Field(0, ge=0, le=86_400_000)
    cost_micros: int | None = Field(None, ge=0, le=10**12)
    least: float | None = Field(None, ge=0, le=1)


class ComposedIn(Schema):
    """States in their order."""

    model_config = {"extra": "forbid"}

    name: str = Field(min_length=1, max_length=100)
    stages: list[StageBody] = Field(max_length=MOST_STAGES)


class ComposedOut(ComposedIn):
    """`slug` names the flow wherever a flow is named."""

    slug: str


@router.get("/flows", response=list[ComposedOut], auth=READ)
def list_composed_flows(request: HttpRequest) -> list[dict[str, Any]]:
    """Each in its newest version, by name."""
    return [_told(one) for one in own_flows(token_of(request).team)]


@router.post("/flows", response={201: ComposedOut}, auth=CONFIGURE)
@once
def compose_new_flow(request: HttpRequest, body: ComposedIn) -> Status[ComposedOut]:
    """What the graph lacks is named in sentences, and nothing is kept."""
    return Status(201, _kept(request, body))


@router.put("/flows/{slug:slug}", response=ComposedOut, auth=CONFIGURE)
@once
def put_composed_flow(request: HttpRequest, slug: str, body: ComposedIn) -> Status[ComposedOut]:
    """The next version; runs that have begun keep theirs."""
    try:
        recipe(token_of(request).team, slug)
    except LookupError:
        raise Http404 from None
    if not slug.startswith(OWN):
        raise Http404
    return Status(200, _kept(request, body, slug))


def _kept(request: HttpRequest, body: ComposedIn, slug: str = "") -> ComposedOut:
    stages = [Stage(**one.model_dump()) for one in body.stages]
    found = compose_flow(token_of(request).team, body.name, stages, actor=caller(request), slug=slug)
    return ComposedOut.model_validate(_told(found))


def _told(found: Recipe) -> dict[str, Any]:
    return {"slug": found.slug, "name": found.name, **found.settings}
