"""The days of agents, what they are told, and the talk with one of them."""

import datetime as dt
import uuid
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema, Status

from agents.base.ids import uuid7
from agents.fleet.actions import give_feedback
from agents.fleet.models import Instruction
from agents.runs import actions
from agents.runs.enums import DecisionKind, ReviewState
from agents.runs.models import DailyReview
from console.api.access import READ, REVIEW, RUNS, agent_or_404, agents, caller
from console.api.idempotency import once
from console.api.paging import Page, Paging, newest

router = Router(tags=["review"])


class ReviewOut(Schema):
    """`samples`: the ids of the outputs that were shown with the digest."""

    id: uuid.UUID
    agent: str = Field(alias="agent.slug")
    day: dt.date
    state: str
    since: dt.datetime
    until: dt.datetime | None
    samples: list[uuid.UUID]
    decided_by: str | None
    note: str

    @staticmethod
    def resolve_decided_by(review: Any) -> str | None:
        return review.decision.actor.email if hasattr(review, "decision") else None

    @staticmethod
    def resolve_note(review: Any) -> str:
        return review.decision.note if hasattr(review, "decision") else ""


class ReviewFilter(Schema):
    state: ReviewState | None = None


class ReviewDecisionIn(Schema):
    """`kind`: approve, needs_change, escalate or skip. `until`: when what the caller saw was read (now, without it)."""

    model_config = {"extra": "forbid"}

    kind: DecisionKind
    note: str = Field("", max_length=5000)
    until: dt.datetime | None = None


class FeedbackIn(Schema):
    """`instead`: in place of everything the agent was told before."""

    model_config = {"extra": "forbid"}

    text: str
    instead: bool = False


class InstructionOut(Schema):
    number: int
    feedback: str
    text: str
    created_at: dt.datetime


def _reviews(request: HttpRequest) -> QuerySet[DailyReview]:
    return DailyReview.objects.filter(agent__in=agents(request)).select_related("agent", "decision__actor")


@router.get("/reviews", response=Page[ReviewOut], auth=READ)
def list_reviews(request: HttpRequest, paging: Query[Paging], where: Query[ReviewFilter]) -> dict[str, object]:
    rows = _reviews(request)
    return newest(rows.filter(state=where.state) if where.state else rows, paging)


@router.post("/reviews/{uuid:id}/decisions", response={201: ReviewOut}, auth=REVIEW)
@once
def decide_review(request: HttpRequest, id: UUID, body: ReviewDecisionIn) -> Status[ReviewOut]:
    """One decision a day wins; a late one is answered 409 with who was faster."""
    review = _reviews(request).filter(pk=id).first()
    if review is None:
        raise Http404
    key = request.headers.get("Idempotency-Key") or str(uuid7())
    actions.decide_review(review, actor=caller(request), idempotency_key=key, **body.model_dump())
    return Status(201, ReviewOut.from_orm(_reviews(request).get(pk=id)))


@router.get("/agents/{slug:slug}/instructions", response=Page[InstructionOut], auth=READ)
def list_instructions(request: HttpRequest, slug: str, paging: Query[Paging]) -> dict[str, object]:
    """What the agent was told, newest first."""
    return newest(Instruction.objects.filter(agent=agent_or_404(request, slug)), paging)


@router.post("/agents/{slug:slug}/instructions", response={201: InstructionOut}, auth=RUNS)
@once
def instruct(request: HttpRequest, slug: str, body: FeedbackIn) -> Status[InstructionOut]:
    """A new version of what the agent is told; its next run is given it."""
    given = give_feedback(agent_or_404(request, slug), actor=caller(request), **body.model_dump())
    return Status(201, InstructionOut.from_orm(given))
