"""What waits for a person: the queue, exceptions, decisions and answers."""

from uuid import UUID

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema, Status

from agents.base.ids import uuid7
from agents.runs import actions
from agents.runs.enums import DecisionKind, DecisionState, ExceptionKind, ExceptionState, ItemState, Severity
from agents.runs.models import Decision, ReviewItem, RunException
from agents.runs.queries import Need, Where, narrowed
from console.api.access import READ, REVIEW, agents, caller, item_rows
from console.api.idempotency import once
from console.api.paging import Page, Paging, newest, worst
from console.api.review_schemas import AnswerIn, DecisionIn, DecisionOut, ExceptionOut, ItemOut

router = Router(tags=["review"])


class ItemFilter(Schema):
    state: ItemState | None = None


class ExceptionFilter(Schema):
    """`need`: "waiting" is what waits for a person. `agent` is a slug, `owner` the id of who answers for it."""

    state: ExceptionState | None = None
    need: Need | None = None
    severity: Severity | None = None
    kind: ExceptionKind | None = None
    agent: str = ""
    owner: UUID | None = None


def _exceptions(request: HttpRequest) -> QuerySet[RunException]:
    held = Decision.objects.filter(state=DecisionState.HELD).select_related("actor")
    found = RunException.objects.filter(agent__in=agents(request)).select_related("agent", "item__assignee")
    return found.prefetch_related(Prefetch("item__decisions", held, to_attr="held"))


@router.get("/queue", response=Page[ItemOut], auth=READ)
def queue(request: HttpRequest, paging: Query[Paging], where: Query[ItemFilter]) -> dict[str, object]:
    """Worst first; what is decided only when asked for."""
    rows = item_rows(request)
    return worst(rows.filter(state=where.state) if where.state else rows.exclude(state=ItemState.DECIDED), paging)


@router.get("/exceptions", response=Page[ExceptionOut], auth=READ)
def list_exceptions(request: HttpRequest, paging: Query[Paging], where: Query[ExceptionFilter]) -> dict[str, object]:
    given = {name: str(value) for name, value in where.model_dump(exclude_none=True).items()}
    return newest(narrowed(_exceptions(request), Where(**given)), paging)


@router.get("/exceptions/{uuid:id}", response=ExceptionOut, auth=READ)
def get_exception(request: HttpRequest, id: UUID) -> RunException:
    found = _exceptions(request).filter(pk=id).first()
    if found is None:
        raise Http404
    return found


@router.post("/review-items/{uuid:id}/decisions", response={201: DecisionOut}, auth=REVIEW)
@once
def decide(request: HttpRequest, id: UUID, body: DecisionIn) -> Status[DecisionOut]:
    """One decision wins; a late one is answered 409 with who was faster."""
    item = item_rows(request).filter(pk=id).first()
    if item is None:
        raise Http404
    return _decide(request, item, body)


@router.post("/exceptions/{uuid:id}/answers", response={201: DecisionOut}, auth=REVIEW)
@once
def answer(request: HttpRequest, id: UUID, body: AnswerIn) -> Status[DecisionOut]:
    """The same as `respond` on its review item."""
    given = DecisionIn(
        kind=DecisionKind.RESPOND, note=body.note, payload=body.answer, root_cause=body.root_cause, proposal_sha256=""
    )
    return _decide(request, get_exception(request, id).item, given)


@router.post("/decisions/{uuid:id}/undo", response={200: DecisionOut}, auth=REVIEW)
@once
def undo(request: HttpRequest, id: UUID) -> Status[DecisionOut]:
    """Takes a decision back while its effect has not left; later it is refused, 409."""
    found = Decision.objects.filter(item__agent__in=agents(request), pk=id).select_related("item__agent").first()
    if found is None:
        raise Http404
    actions.undo_decision(found, actor=caller(request))
    return Status(200, DecisionOut.from_orm(Decision.objects.select_related("actor").get(pk=id)))


def _decide(request: HttpRequest, item: ReviewItem, given: DecisionIn) -> Status[DecisionOut]:
    decision = actions.decide(
        item,
        actor=caller(request),
        kind=given.kind,
        note=given.note,
        payload=given.payload,
        root_cause=given.root_cause or "",
        proposal_sha256=given.proposal_sha256,
        idempotency_key=request.headers.get("Idempotency-Key") or str(uuid7()),
        grace_s=settings.DECISION_GRACE,
    )
    return Status(201, DecisionOut.from_orm(decision))
