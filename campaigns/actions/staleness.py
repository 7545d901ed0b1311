"""An agent that still says yesterday's price is a person's business: past the limit, an exception."""

import datetime as dt

from django.db import transaction

from agents.base.actors import SYSTEM
from agents.base.phrases import phrase
from agents.runs.actions import raise_exception
from agents.runs.enums import ExceptionKind, Severity
from campaigns.actions.receipts import held
from campaigns.enums import SETTLED, Rung
from campaigns.models import Delivery
from campaigns.queries import stale

LIMIT = dt.timedelta(minutes=30)
"""How long after a broadcast an agent may go without confirming it."""
BATCH = 200
NOT_CONFIRMED = phrase("%(agent)s has not confirmed “%(version)s”")


def watch() -> None:
    """Raises an exception for each agent that failed to take a live version or has not confirmed it in time."""
    for delivery in list(stale(LIMIT)[:BATCH]):
        with transaction.atomic():
            _raise(delivery)


def _raise(found: Delivery) -> None:
    delivery = held(found)
    if delivery.exception or delivery.state in SETTLED:
        return
    rung = Rung(delivery.state)
    version = delivery.rendering.version if delivery.rendering else delivery.campaign
    delivery.exception = raise_exception(
        delivery.agent,
        kind=ExceptionKind.STALE_CONTEXT,
        severity=Severity.HIGH if rung == Rung.FAILED else Severity.MEDIUM,
        title=NOT_CONFIRMED % {"agent": delivery.agent, "version": version},
        detail=delivery.error or str(rung.label),
        evidence={"delivery": str(delivery.pk), "campaign": str(delivery.campaign_id), "rung": rung.value},
        cause="stale_context",
        actor=SYSTEM,
    )
    delivery.save(update_fields=["exception"])
