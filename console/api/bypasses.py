"""Agents that go without their approvals for a while, over the wire."""

import datetime as dt
import uuid
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema, Status

from agents.runs.actions import end_bypass, open_bypass
from agents.runs.models import Bypass
from agents.runs.queries.bypasses import bypasses
from console.api.access import CONFIGURE, READ, REVIEW, agent_or_404, caller, token_of
from console.api.idempotency import once
from console.api.paging import Page, Paging, newest

router = Router(tags=["review"])


class BypassIn(Schema):
    """Within the hours that a bypass may last, with the reason everybody reads who finds it."""

    model_config = {"extra": "forbid"}

    until: dt.datetime
    reason: str = Field(max_length=300)


class BypassOut(Schema):
    """`given`: how many approvals it gave so far."""

    id: uuid.UUID
    agent: str = Field(alias="agent.slug")
    reason: str
    opened_by: str = Field(alias="opened_by.email")
    opened_at: dt.datetime
    until: dt.datetime
    ended_at: dt.datetime | None
    in_force: bool
    given: int


def _bypass(request: HttpRequest, id: UUID) -> Bypass:
    found = bypasses(caller(request), token_of(request).team).filter(pk=id).first()
    if found is None:
        raise Http404
    return found


@router.get("/bypasses", response=Page[BypassOut], auth=READ)
def list_bypasses(request: HttpRequest, paging: Query[Paging]) -> dict[str, object]:
    """Every one there was, those in force and those that ended."""
    return newest(bypasses(caller(request), token_of(request).team), paging)


@router.post("/agents/{slug:slug}/bypasses", response={201: BypassOut}, auth=CONFIGURE)
@once
def start_bypass(request: HttpRequest, slug: str, body: BypassIn) -> Status[BypassOut]:
    """The agent's approvals count as given until then; above the policy's amount a second person is still asked."""
    made = open_bypass(agent_or_404(request, slug), actor=caller(request), **body.model_dump())
    return Status(201, BypassOut.from_orm(_bypass(request, made.pk)))


@router.post("/bypasses/{uuid:id}/end", response={200: BypassOut}, auth=REVIEW)
@once
def finish_bypass(request: HttpRequest, id: UUID) -> Status[BypassOut]:
    """Ends now; ended already, nothing happens."""
    end_bypass(_bypass(request, id), actor=caller(request))
    return Status(200, BypassOut.from_orm(_bypass(request, id)))
