"""Goals with their dates, over the wire: how far each is, setting one, closing one."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema, Status

from agents.base.clock import business_day
from agents.fleet.actions import close_goal, set_goal
from agents.fleet.models import Goal
from console.api.access import CONFIGURE, READ, agent_or_404, agents, caller
from console.api.idempotency import once
from console.kpis.goals import goals

router = Router(tags=["kpis"])


class GoalIn(Schema):
    """So much of one KPI, from a day to another."""

    model_config = {"extra": "forbid"}

    title: str = Field(max_length=120)
    key: str = Field(max_length=40, pattern=r"^[-a-zA-Z0-9_]+$")
    target: Decimal = Field(max_digits=18, decimal_places=4)
    first: dt.date
    due: dt.date


class GoalOut(Schema):
    """`closed_at`: since when it is no longer counted."""

    id: uuid.UUID
    agent: str = Field(alias="agent.slug")
    title: str
    key: str
    target: Decimal
    first: dt.date
    due: dt.date
    closed_at: dt.datetime | None


class ProgressOut(Schema):
    """`expected` by today in equal steps; `gap`: (expected − actual) ÷ expected, above 0 behind and below 0 ahead."""

    goal: GoalOut
    actual: Decimal
    expected: Decimal
    gap: float
    reached: bool


class GoalsOut(Schema):
    goals: list[ProgressOut]


@router.get("/goals", response=GoalsOut, auth=READ)
def list_goals(request: HttpRequest) -> dict[str, Any]:
    """The open ones, the furthest behind first."""
    return {"goals": goals(agents(request), business_day(timezone.now(), caller(request).tzinfo))}


@router.post("/agents/{slug:slug}/goals", response={201: GoalOut}, auth=CONFIGURE)
@once
def add_goal(request: HttpRequest, slug: str, body: GoalIn) -> Status[GoalOut]:
    made = set_goal(agent_or_404(request, slug), actor=caller(request), **body.model_dump())
    return Status(201, GoalOut.from_orm(made))


@router.post("/goals/{uuid:id}/close", response={200: GoalOut}, auth=CONFIGURE)
@once
def finish_goal(request: HttpRequest, id: UUID) -> Status[GoalOut]:
    """Closed twice, nothing happens."""
    found = Goal.objects.filter(pk=id, agent__in=agents(request)).select_related("agent").first()
    if found is None:
        raise Http404
    close_goal(found, actor=caller(request))
    return Status(200, GoalOut.from_orm(Goal.objects.select_related("agent").get(pk=id)))
