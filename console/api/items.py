"""Places in the queue over the wire: putting off, handing over, notes, and one decision about many."""

import datetime as dt
import uuid
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status

from agents.base.errors import Invalid
from agents.base.ids import uuid7
from agents.fleet.permissions import reviewers
from agents.people.models import User
from agents.runs import actions
from agents.runs.actions.bulk import MOST, Outcome, decide_many
from agents.runs.actions.turns import assign_item, assign_to_agent, note_item
from agents.runs.enums import DecisionKind, RootCause, RunState
from agents.runs.models import ItemNote, ReviewItem
from agents.runs.queries.helping import Help, helped
from console.api.access import READ, REVIEW, agents, caller, item_rows
from console.api.idempotency import once
from console.api.review_schemas import ItemOut

router = Router(tags=["review"])


class SnoozeIn(Schema):
    model_config = {"extra": "forbid"}

    until: dt.datetime


class AssignIn(Schema):
    """`to`: the e-mail address of somebody who may decide what the agent asks, or the slug of an agent of ours."""

    model_config = {"extra": "forbid"}

    to: str = Field(max_length=254)


class NoteIn(Schema):
    model_config = {"extra": "forbid"}

    text: str = Field(min_length=1, max_length=10_000)


class NoteOut(Schema):
    """For the agent's people only; neither the agent nor its vendor hears of it."""

    id: uuid.UUID
    author: str = Field(alias="author.email")
    text: str
    at: dt.datetime


class HelpOut(Schema):
    """`text` is what the agent proposes, `result` where that is no text; both empty while its run is under way."""

    agent: str = Field(alias="run.agent.slug")
    run_id: uuid.UUID = Field(alias="run.pk")
    state: RunState = Field(alias="run.state")
    text: str
    result: Any


class SeenIn(Schema):
    """`proposal_sha256`: what the caller saw of it."""

    model_config = {"extra": "forbid"}

    item_id: uuid.UUID
    proposal_sha256: str = Field("", max_length=64)


class ManyIn(Schema):
    """The same decision about each. Approvals only of one agent and kind, and below what needs a second person."""

    model_config = {"extra": "forbid"}

    items: list[SeenIn] = Field(min_length=1, max_length=MOST)
    kind: DecisionKind
    note: str = Field("", max_length=5000)
    root_cause: RootCause | None = None


class Told(Schema):
    """`decision_id` null: it was left, and `why` says why."""

    item_id: uuid.UUID
    decision_id: uuid.UUID | None
    code: str
    why: str


class ManyOut(Schema):
    made: int
    left: int
    results: list[Told]


def _item(request: HttpRequest, id: UUID) -> ReviewItem:
    found = item_rows(request).filter(pk=id).first()
    if found is None:
        raise Http404
    return found


@router.post("/review-items/{uuid:id}/snooze", response={200: ItemOut}, auth=REVIEW)
@once
def snooze_review_item(request: HttpRequest, id: UUID, body: SnoozeIn) -> Status[ItemOut]:
    """It comes back by itself."""
    actions.snooze_item(_item(request, id), actor=caller(request), until=body.until)
    return Status(200, ItemOut.from_orm(_item(request, id)))


@router.post("/review-items/{uuid:id}/assign", response={200: ItemOut}, auth=REVIEW)
@once
def assign_review_item(request: HttpRequest, id: UUID, body: AssignIn) -> Status[ItemOut]:
    """From now on it is this person's turn; or this agent works out an answer, and a person decides."""
    item = _item(request, id)
    if agent := agents(request).filter(slug=body.to).first():
        assign_to_agent(item, actor=caller(request), to=agent)
    else:
        assign_item(item, actor=caller(request), to=_person(item, body.to))
    return Status(200, ItemOut.from_orm(_item(request, id)))


def _person(item: ReviewItem, email: str) -> User:
    to = reviewers(item.agent).filter(email__iexact=email).first()
    if to is None:
        said = _("Nobody of this address may decide what the agent asks.")
        raise Invalid(said, "assignee", fields={"to": [said]})
    return to


@router.get("/review-items/{uuid:id}/help", response=list[HelpOut], auth=READ)
def list_help(request: HttpRequest, id: UUID) -> list[Help]:
    """What agents that the item was assigned to worked out, the newest first."""
    return helped(_item(request, id).pk)


@router.get("/review-items/{uuid:id}/notes", response=list[NoteOut], auth=READ)
def list_notes(request: HttpRequest, id: UUID) -> list[ItemNote]:
    return list(_item(request, id).notes.select_related("author"))


@router.post("/review-items/{uuid:id}/notes", response={201: NoteOut}, auth=REVIEW)
@once
def note_review_item(request: HttpRequest, id: UUID, body: NoteIn) -> Status[NoteOut]:
    return Status(201, NoteOut.from_orm(note_item(_item(request, id), actor=caller(request), text=body.text)))


@router.post("/review-items/decisions:batch", response={200: ManyOut}, auth=REVIEW)
@once
def decide_together(request: HttpRequest, body: ManyIn) -> Status[ManyOut]:
    """Each by itself: one that is refused keeps no other. Unknown items are 404."""
    items = [_item(request, each.item_id) for each in body.items]
    outcomes = decide_many(
        items,
        actor=caller(request),
        kind=body.kind,
        note=body.note,
        root_cause=body.root_cause or "",
        seen={each.item_id: each.proposal_sha256 for each in body.items},
        key=request.headers.get("Idempotency-Key") or str(uuid7()),
        grace_s=settings.DECISION_GRACE,
    )
    told = [_told(each) for each in outcomes]
    made = sum(each.decision_id is not None for each in told)
    return Status(200, ManyOut(made=made, left=len(told) - made, results=told))


def _told(outcome: Outcome) -> Told:
    decision = outcome.decision.pk if outcome.decision else None
    return Told(item_id=outcome.item.pk, decision_id=decision, code=outcome.code, why=outcome.why)
