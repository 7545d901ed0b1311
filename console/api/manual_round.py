"""The manual round over the wire: what only hands can do on vendors' pages, and ticking it off."""

import uuid
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from agents.base.clock import business_day
from console.api.access import READ, REVIEW, agents, caller, token_of
from console.api.idempotency import once
from console.pages.manual.doing import task_or_404, tick
from console.pages.manual.stops import stops

router = Router(tags=["review"])


class TaskOut(Schema):
    """`kind`: check_in, delivery, instruction or kpi; `text`: what is to be pasted."""

    kind: str
    id: uuid.UUID = Field(alias="pk")
    what: str
    text: str


class StopOut(Schema):
    """An agent's own page and what is left to do there."""

    agent: str = Field(alias="agent.slug")
    deep_link: str
    tasks: list[TaskOut]


class RoundOut(Schema):
    stops: list[StopOut]


class DoneIn(Schema):
    """What was seen there, the minutes it took; `value`: the figure, of a kpi."""

    model_config = {"extra": "forbid"}

    evidence: str = Field(max_length=2000)
    minutes: int = Field(ge=0, le=480)
    value: Decimal | None = Field(None, max_digits=18, decimal_places=4)


class DoneOut(Schema):
    kind: str
    id: uuid.UUID
    agent: str


@router.get("/manual-round", response=RoundOut, auth=READ)
def manual_round(request: HttpRequest) -> dict[str, Any]:
    """Of the agents the caller may review, by name; everything that is left today."""
    user = caller(request)
    return {"stops": stops(user, token_of(request).team, business_day(timezone.now(), user.tzinfo))}


@router.post("/manual-round/{kind}/{uuid:id}", response={200: DoneOut}, auth=REVIEW)
@once
def tick_off(request: HttpRequest, kind: str, id: UUID, body: DoneIn) -> Status[DoneOut]:
    """It was done by hand; counts as a visit to the agent's page. Done already: 409."""
    row = task_or_404(kind, id, agents(request))
    tick(kind, row, actor=caller(request), **body.model_dump())
    return Status(200, DoneOut(kind=kind, id=id, agent=row.agent.slug))
