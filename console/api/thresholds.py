"""Thresholds of figures, over the wire: what holds and held, setting one, ending one."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema, Status

from agents.fleet.actions import end_threshold, set_threshold
from agents.fleet.models import Flow, Threshold
from agents.fleet.queries.thresholds import thresholds
from console.api.access import CONFIGURE, READ, agent_or_404, agents, caller, token_of
from console.api.idempotency import once
from console.kpis.measures import MEASURED

router = Router(tags=["kpis"])


class ThresholdIn(Schema):
    """Of an agent or of a flow, by slug; of neither, for every agent of the team."""

    model_config = {"extra": "forbid"}

    key: Literal[tuple(MEASURED)]  # type: ignore[valid-type]
    limit: Decimal = Field(max_digits=18, decimal_places=4)
    agent: str | None = None
    flow: str | None = None


class ThresholdOut(Schema):
    """`ended_at`: since when nothing is raised by it."""

    id: uuid.UUID
    key: str
    limit: Decimal
    agent: str | None = Field(None, alias="agent.slug")
    flow: str | None = Field(None, alias="flow.slug")
    set_at: dt.datetime
    ended_at: dt.datetime | None


class ThresholdsOut(Schema):
    thresholds: list[ThresholdOut]


def _visible(request: HttpRequest) -> QuerySet[Threshold]:
    return thresholds(token_of(request).team).filter(Q(agent=None) | Q(agent__in=agents(request)))


@router.get("/thresholds", response=ThresholdsOut, auth=READ)
def list_thresholds(request: HttpRequest) -> dict[str, Any]:
    """Those in force and those that ended, the newest first."""
    return {"thresholds": _visible(request)}


@router.post("/thresholds", response={201: ThresholdOut}, auth=CONFIGURE)
@once
def add_threshold(request: HttpRequest, body: ThresholdIn) -> Status[ThresholdOut]:
    """Ends the one that held for the same."""
    team = token_of(request).team
    agent = agent_or_404(request, body.agent) if body.agent else None
    flow = get_object_or_404(Flow, team=team, slug=body.flow) if body.flow else None
    made = set_threshold(team, key=body.key, limit=body.limit, agent=agent, flow=flow, actor=caller(request))
    return Status(201, ThresholdOut.from_orm(made))


@router.post("/thresholds/{uuid:id}/end", response={200: ThresholdOut}, auth=CONFIGURE)
@once
def finish_threshold(request: HttpRequest, id: UUID) -> Status[ThresholdOut]:
    """Ended twice, nothing happens."""
    found = get_object_or_404(_visible(request), pk=id)
    end_threshold(found, actor=caller(request))
    found.refresh_from_db(fields=["ended_at"])
    return Status(200, ThresholdOut.from_orm(found))
