"""What customers answered when asked about a conversation."""

import datetime as dt
import uuid
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Field, Router, Schema, Status

from agents.channels.actions import rate
from agents.channels.enums import Survey
from agents.channels.models import Rating
from agents.runs.models import Run
from console.api.access import REVIEW, agent_or_404, agents, caller
from console.api.idempotency import once

router = Router(tags=["runs"])


class RatingIn(Schema):
    """`csat` from 1 to 5, `nps` from 0 to 10. Answered again, the last answer counts."""

    model_config = {"extra": "forbid"}

    survey: Survey
    score: int = Field(ge=0, le=10)
    at: dt.datetime | None = None


class RatingOf(RatingIn):
    """`external_id`: as the run was reported or started with."""

    external_id: str = Field(min_length=1, max_length=200)


class RatingOut(Schema):
    run: uuid.UUID = Field(alias="run_id")
    survey: Survey
    score: int
    at: dt.datetime


@router.post("/runs/{uuid:id}/ratings", response={201: RatingOut}, auth=REVIEW)
@once
def rate_run(request: HttpRequest, id: UUID, body: RatingIn) -> Status[RatingOut]:
    """Keep what the customer of this run answered."""
    run = Run.objects.filter(agent__in=agents(request), pk=id).select_related("agent").first()
    return _kept(request, run, body)


@router.post("/agents/{slug:slug}/ratings", response={201: RatingOut}, auth=REVIEW)
@once
def rate_conversation(request: HttpRequest, slug: str, body: RatingOf) -> Status[RatingOut]:
    """The same, for who knows the conversation by its number elsewhere."""
    runs = agent_or_404(request, slug).runs.select_related("agent")
    return _kept(request, runs.filter(external_id=body.external_id).first(), body)


def _kept(request: HttpRequest, run: Run | None, body: RatingIn) -> Status[RatingOut]:
    if run is None:
        raise Http404
    rating: Rating = rate(run, actor=caller(request), survey=body.survey, score=body.score, at=body.at)
    return Status(201, RatingOut.from_orm(rating))
