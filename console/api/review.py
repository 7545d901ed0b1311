"""What waits for a person: the queue, exceptions, decisions and answers."""

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema

from agents.base.ids import uuid7
from agents.fleet.enums import Verb
from agents.runs import actions
from agents.runs.enums import DecisionKind, ExceptionState, ItemState
from agents.runs.models import ReviewItem, RunException
from console.api.access import READ, REVIEW, agents, as_uuid, caller
from console.api.idempotency import once
from console.api.paging import Page, Paging, page
from console.api.schemas import AnswerIn, DecisionIn, DecisionOut, ExceptionOut, ItemOut

router = Router(tags=["review"])


class ItemFilter(Schema):
    state: ItemState | None = None


class ExceptionFilter(Schema):
    state: ExceptionState | None = None


def _items(request: HttpRequest, verb: Verb = Verb.VIEW) -> QuerySet[ReviewItem]:
    return ReviewItem.objects.filter(agent__in=agents(request, verb)).select_related("agent", "exception")


def _exceptions(request: HttpRequest) -> QuerySet[RunException]:
    return RunException.objects.filter(agent__in=agents(request)).select_related("agent", "item")


def _key(request: HttpRequest) -> str:
    return request.headers.get("Idempotency-Key") or str(uuid7())


@router.get("/queue", response=Page[ItemOut], auth=READ)
def queue(request: HttpRequest, paging: Query[Paging], where: Query[ItemFilter]) -> dict[str, object]:
    rows = _items(request)
    return page(rows.filter(state=where.state) if where.state else rows.exclude(state=ItemState.DECIDED), paging)


@router.post("/review-items/{id}/decisions", response={201: DecisionOut}, auth=REVIEW)
@once
def decide(request: HttpRequest, id: str, body: DecisionIn) -> tuple[int, DecisionOut]:
    """One decision wins; a late one is answered 409 with who was faster."""
    item = _items(request).filter(pk=as_uuid(id)).first()
    if item is None:
        raise Http404
    decision = actions.decide(
        item,
        actor=caller(request),
        kind=body.kind,
        note=body.note,
        payload=body.payload,
        proposal_sha256=body.proposal_sha256,
        idempotency_key=_key(request),
    )
    return 201, DecisionOut.from_orm(decision)


@router.get("/exceptions", response=Page[ExceptionOut], auth=READ)
def list_exceptions(request: HttpRequest, paging: Query[Paging], where: Query[ExceptionFilter]) -> dict[str, object]:
    rows = _exceptions(request)
    return page(rows.filter(state=where.state) if where.state else rows, paging)


@router.get("/exceptions/{id}", response=ExceptionOut, auth=READ)
def get_exception(request: HttpRequest, id: str) -> RunException:
    found = _exceptions(request).filter(pk=as_uuid(id)).first()
    if found is None:
        raise Http404
    return found


@router.post("/exceptions/{id}/answers", response={201: DecisionOut}, auth=REVIEW)
@once
def answer(request: HttpRequest, id: str, body: AnswerIn) -> tuple[int, DecisionOut]:
    """The same as `respond` on its review item."""
    found = get_exception(request, id)
    decision = actions.decide(
        found.item,
        actor=caller(request),
        kind=DecisionKind.RESPOND,
        note=body.note,
        payload=body.answer,
        idempotency_key=_key(request),
    )
    return 201, DecisionOut.from_orm(decision)
