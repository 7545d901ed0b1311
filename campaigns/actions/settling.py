"""Deliveries whose text is stored: all that landed together at once, for one by one takes longer than telling them."""

import json
import uuid
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from django.db import transaction

from agents.base.actors import SYSTEM
from agents.base.hooks import notify
from agents.base.ids import uuid7
from agents.base.sql import every
from agents.connectors.contract import Pushed
from agents.connectors.enums import Rung as Reached
from audit.actions import record_each
from campaigns import verbs
from campaigns.actions.claiming import Errand
from campaigns.enums import Rung
from campaigns.models import Delivery

# Only what nobody else has touched since it was claimed, and nobody has complained of.
STORE = """
WITH claimed AS (
  SELECT * FROM json_to_recordset(%s::json) AS (id uuid, fence bigint, receipt uuid, sha256 text, evidence jsonb)
), stored AS (
  UPDATE campaigns_delivery d SET state = 'stored', state_since = now(), probe_at = now(), due_at = NULL,
    lease_until = NULL, lease_owner = '', error = ''
  FROM claimed c
  WHERE d.id = c.id AND d.fence = c.fence AND d.state = 'queued' AND d.exception_id IS NULL
  RETURNING d.id
)
INSERT INTO campaigns_receipt (id, delivery_id, rung, at, evidence, sha256, minutes)
SELECT c.receipt, c.id, 'stored', now(), c.evidence, c.sha256, 0 FROM claimed c JOIN stored USING (id)
RETURNING delivery_id
"""


def plain(errand: Errand, outcome: Callable[[], Sequence[Pushed]]) -> Pushed | None:
    """What its system said, when all there is to write is that exactly its text is stored."""
    if errand.delivery.state != Rung.QUEUED or errand.delivery.exception_id is not None:
        return None
    try:
        pushed = outcome()
    except Exception:  # said again, and written, where the delivery is settled by itself
        return None
    exact = len(pushed) == 1 and pushed[0].rung == Reached.STORED and pushed[0].sha256 == errand.sha256
    return pushed[0] if exact else None


@transaction.atomic
def store(landed: Sequence[tuple[Errand, Pushed]]) -> set[Any]:
    """Receipts, states and events of those whose lease still holds; returns their ids, the others are to be read."""
    if not landed:
        return set()
    written = {row[0] for row in every(STORE, [json.dumps([_row(*each) for each in landed], default=str)])}
    for team_id, kept in groupby(sorted(landed, key=_team), key=_team):
        said = [(each.delivery, _said(each.delivery, told)) for each, told in kept if each.delivery.pk in written]
        record_each(verbs.RECEIPT_TAKEN, said, actor=SYSTEM, team_id=team_id)
    notify("campaigns")
    return written


def _team(landed: tuple[Errand, Pushed]) -> uuid.UUID:
    return landed[0].adapter.agent.team_id


def _row(errand: Errand, told: Pushed) -> dict[str, Any]:
    evidence = {name: value for name, value in told.evidence.items() if name != "text"} | {"exact": True}
    held = {"id": errand.delivery.pk, "fence": errand.delivery.fence}
    return {**held, "receipt": uuid7(), "sha256": told.sha256, "evidence": evidence}


def _said(delivery: Delivery, told: Pushed) -> dict[str, Any]:
    state = {"state": Rung.STORED.value, "broadcast": delivery.broadcast_id}
    return {**state, "rung": Rung.STORED.value, "sha256": told.sha256, "minutes": 0}
