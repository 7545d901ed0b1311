"""Monthly reviews of cost and latency over the wire: figures by use case, and deciding on what they propose."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from ninja import Field, Query, Router, Schema, Status

from agents.flows.cost_reviews import accept_adjustment, dismiss_adjustment, require_reader
from agents.flows.models import Adjustment, CostReview
from console.api.access import CONFIGURE, READ, caller, token_of
from console.api.idempotency import once
from console.api.paging import Page, Paging, newest

router = Router(tags=["kpis"])


class AdjustmentOut(Schema):
    """`change` is a rule as the policy has it, or an agent and a tool; `saves_micros` null: nobody can tell."""

    id: UUID
    kind: str
    change: dict[str, Any]
    why: str
    saves_micros: int | None
    currency: str
    state: str
    decided_by: str | None = Field(None, alias="decided_by.email")
    decided_at: dt.datetime | None


class CostReviewOut(Schema):
    """`usage` by use case and cost center, and the same of the month `before`; money in micro-units (null:
    not told), times in ms.
    """

    month: dt.date
    usage: list[dict[str, Any]]
    before: list[dict[str, Any]]
    adjustments: list[AdjustmentOut]

    @staticmethod
    def resolve_usage(review: CostReview) -> Any:
        return review.figures["usage"]

    @staticmethod
    def resolve_before(review: CostReview) -> Any:
        return review.figures["before"]


@router.get("/cost-reviews", response=Page[CostReviewOut], auth=READ)
def list_cost_reviews(request: HttpRequest, paging: Query[Paging]) -> dict[str, object]:
    """Newest first; for those who see every agent."""
    token = token_of(request)
    require_reader(token.user, token.team)
    return newest(CostReview.objects.filter(team=token.team_id).prefetch_related("adjustments__decided_by"), paging)


@router.post("/adjustments/{uuid:id}/accept", response=AdjustmentOut, auth=CONFIGURE)
@once
def accept_cost_adjustment(request: HttpRequest, id: UUID) -> Status[AdjustmentOut]:
    """It holds from now on."""
    return _said(accept_adjustment(_adjustment(request, id), actor=caller(request)))


@router.post("/adjustments/{uuid:id}/dismiss", response=AdjustmentOut, auth=CONFIGURE)
@once
def dismiss_cost_adjustment(request: HttpRequest, id: UUID) -> Status[AdjustmentOut]:
    """Nothing changes."""
    return _said(dismiss_adjustment(_adjustment(request, id), actor=caller(request)))


def _adjustment(request: HttpRequest, id: UUID) -> Adjustment:
    found = Adjustment.objects.filter(pk=id, review__team=token_of(request).team_id).first()
    if found is None:
        raise Http404
    return found


def _said(adjustment: Adjustment) -> Status[AdjustmentOut]:
    return Status(200, AdjustmentOut.from_orm(adjustment))
