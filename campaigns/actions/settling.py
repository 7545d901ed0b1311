"""Many deliveries whose text is stored, written at once: one by one, the writing takes longer than the telling."""

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from agents.base.actors import SYSTEM
from agents.base.hooks import notify
from agents.connectors.contract import Pushed
from agents.connectors.enums import Rung as Reached
from audit.actions import record
from campaigns import verbs
from campaigns.enums import Rung
from campaigns.models import Delivery, Receipt

# Only what nobody else has touched since it was claimed, and nobody has complained of.
STORE = """
UPDATE campaigns_delivery d SET state = 'stored', state_since = now(), probe_at = now(), due_at = NULL,
  lease_until = NULL, lease_owner = '', error = ''
FROM unnest(%s::uuid[], %s::bigint[]) AS claimed(id, fence)
WHERE d.id = claimed.id AND d.fence = claimed.fence AND d.state = 'queued' AND d.exception_id IS NULL
RETURNING d.id
"""


def is_plain(delivery: Delivery, pushed: Sequence[Pushed]) -> bool:
    """Whether all there is to write is that exactly its text is stored."""
    first = delivery.state == Rung.QUEUED and delivery.exception_id is None and len(pushed) == 1
    return first and pushed[0].rung == Reached.STORED and pushed[0].sha256 == delivery.sha256


@transaction.atomic
def store(landed: Sequence[tuple[Delivery, Pushed]]) -> set[Any]:
    """Receipts, states and events of those whose lease still holds; returns their ids, the others are to be read."""
    with connection.cursor() as cursor:
        cursor.execute(STORE, [[each.pk for each, _told in landed], [each.fence for each, _told in landed]])
        written = {row[0] for row in cursor.fetchall()}
    kept = [(delivery, told) for delivery, told in landed if delivery.pk in written]
    Receipt.objects.bulk_create(
        Receipt(
            delivery=delivery, rung=Rung.STORED, sha256=told.sha256, evidence={**_without_text(told), "exact": True}
        )
        for delivery, told in kept
    )
    for delivery, told in kept:
        said: dict[str, Any] = {"rung": Rung.STORED.value, "sha256": told.sha256, "minutes": 0}
        where: dict[str, Any] = {"team_id": delivery.agent.team_id, "agent_id": delivery.agent_id}
        state: dict[str, Any] = {"state": Rung.STORED.value, "broadcast": delivery.broadcast_id}
        record(verbs.RECEIPT_TAKEN, actor=SYSTEM, obj=delivery, **where, **state, **said)
    notify("campaigns")
    return written


def _without_text(told: Pushed) -> dict[str, Any]:
    return {name: value for name, value in told.evidence.items() if name != "text"}
