"""One agent's part of a broadcast: confirmed by hand, or tried again."""

from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest
from ninja import Router, Status

from campaigns import actions
from campaigns.models import Delivery, Receipt
from campaigns.queries import taken_back
from console.api.access import BROADCAST, agents, caller
from console.api.campaign_schemas import ByHandIn, DeliveryOut
from console.api.idempotency import once

router = Router(tags=["campaigns"])


def deliveries(request: HttpRequest) -> QuerySet[Delivery]:
    """Those to agents that the caller may view."""
    receipts = Prefetch("receipts", Receipt.objects.order_by("at", "pk"))
    rows = Delivery.objects.filter(agent__in=agents(request)).select_related("agent", "rendering__version", "campaign")
    return rows.annotate(recalled=taken_back()).prefetch_related(receipts).order_by("agent__slug")


def _delivery(request: HttpRequest, id: UUID) -> Delivery:
    found = deliveries(request).filter(pk=id).first()
    if found is None:
        raise Http404
    return found


def _now(request: HttpRequest, id: UUID) -> Status[DeliveryOut]:
    return Status(200, DeliveryOut.from_orm(_delivery(request, id)))


@router.post("/deliveries/{uuid:id}/confirm", response=DeliveryOut, auth=BROADCAST)
@once
def confirm_delivery(request: HttpRequest, id: UUID, body: ByHandIn) -> Status[DeliveryOut]:
    """A person pasted the text by hand."""
    found = _delivery(request, id)
    actions.confirm_manual(found, actor=caller(request), evidence=body.evidence, minutes=body.minutes)
    return _now(request, id)


@router.post("/deliveries/{uuid:id}/retry", response=DeliveryOut, auth=BROADCAST)
@once
def retry_delivery(request: HttpRequest, id: UUID) -> Status[DeliveryOut]:
    """One that failed, or was only sent, is tried again at once."""
    actions.retry(_delivery(request, id), actor=caller(request))
    return _now(request, id)
