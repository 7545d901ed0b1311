"""What was put off by itself because the caller's minutes did not reach it, over the wire (R-059)."""

import datetime as dt
import uuid

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from agents.runs.actions.deferring import take_back
from agents.runs.models import Deferral
from agents.runs.queries.deferrals import deferred
from console.api.access import READ, REVIEW, caller, token_of
from console.api.idempotency import once

router = Router(tags=["review"])


class DeferralOut(Schema):
    """An item that sleeps `until` then: of the `needed` minutes of the caller's day only `left` were left."""

    item_id: uuid.UUID
    agent: str = Field(alias="item.agent.slug")
    title: str = Field(alias="item.exception.title")
    severity: str = Field(alias="item.exception.severity")
    needed: int
    left: int
    at: dt.datetime
    until: dt.datetime


class TakenBack(Schema):
    items: int


@router.get("/deferrals", response=list[DeferralOut], auth=READ)
def list_deferrals(request: HttpRequest) -> list[Deferral]:
    """The caller's own, the next to come back first."""
    return deferred(caller(request), token_of(request).team)


@router.post("/deferrals/take-back", response={200: TakenBack}, auth=REVIEW)
@once
def take_back_deferrals(request: HttpRequest) -> Status[TakenBack]:
    """All of them wait again today; what is taken back is not put off again the same day."""
    return Status(200, TakenBack(items=take_back(caller(request), token_of(request).team)))
