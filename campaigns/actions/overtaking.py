"""A newer broadcast always beats an older one on its way: what has not been sent yet never is."""

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from campaigns.actions.receipts import held, take_receipt
from campaigns.enums import SETTLED, Rung
from campaigns.models import Campaign, Delivery


def overtake(campaign: Campaign | None = None) -> None:
    """Closes what a newer broadcast has overtaken, of one campaign or of all; the caller holds a transaction.

    One in a worker's hands is left to it: what arrives there arrives before the newer one does.
    """
    newer = Delivery.objects.filter(
        agent=OuterRef("agent"), campaign=OuterRef("campaign"), number__gt=OuterRef("number"), on_hold=False
    )
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    rows = Delivery.objects.filter(free, Exists(newer)).exclude(state__in=SETTLED)
    if campaign is not None:
        rows = rows.filter(campaign=campaign)
    for row in rows.order_by("pk").select_for_update(skip_locked=True, of=("self",))[:500]:
        delivery = held(row)
        delivery.on_hold = False
        take_receipt(delivery, Rung.NOT_APPLICABLE, evidence={"reason": "overtaken"})
        delivery.save()
