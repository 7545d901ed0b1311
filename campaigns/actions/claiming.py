"""Deliveries that are due, taken into this worker's hands with all that telling their agents takes."""

import json
import time
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, transaction

from agents.base.sql import Row, every, first
from agents.connectors.contract import Adapter
from agents.connectors.models import Connection
from agents.connectors.models.connections import open_all
from agents.connectors.registry import of
from agents.fleet.models import Agent
from agents.runs.execution.claim import worker
from campaigns.models import Delivery
from campaigns.words import sha256, withdrawal

LOCK = 0x0CA39A16
# In the order of their tables, and no more than it takes: reading whole rows costs as much as telling the agent.
DELIVERY = ("id", "broadcast_id", "agent_id", "rendering_id", "state", "fence", "exception_id")
AGENT = ("id", "team_id", "slug", "name", "vendor", "language", "vendor_url")
LINK = ("id", "agent_id", "base_url", "settings", "tested_at", "tested_rehearsal")
COLUMNS = ", ".join(
    f"{table}.{each}" for table, names in (("d", DELIVERY), ("a", AGENT), ("k", LINK)) for each in names
)
# Of two broadcasts only the newer is claimed, and only when the older is in nobody's hands: the lock makes every claim
# see every other.
CLAIM = f"""
WITH due AS MATERIALIZED (
  SELECT d.id FROM campaigns_delivery d
  WHERE d.due_at <= now() AND (d.lease_until IS NULL OR d.lease_until < now())
    AND NOT EXISTS (
      SELECT FROM campaigns_delivery o WHERE o.agent_id = d.agent_id AND o.campaign_id = d.campaign_id AND o.id <> d.id
        AND (o.number > d.number AND NOT o.on_hold OR o.lease_until >= now()))
  ORDER BY d.due_at, d.id LIMIT %s FOR UPDATE SKIP LOCKED
), claimed AS (
  UPDATE campaigns_delivery d SET lease_until = now() + make_interval(secs => %s), lease_owner = %s,
    fence = fence + 1, tries = tries + 1
  FROM due WHERE d.id = due.id RETURNING d.*
)
SELECT {COLUMNS}, b.version_id, c.name, r.text
FROM claimed d JOIN fleet_agent a ON a.id = d.agent_id
  JOIN campaigns_broadcast b ON b.id = d.broadcast_id JOIN campaigns_campaign c ON c.id = d.campaign_id
  LEFT JOIN connectors_connection k ON k.agent_id = a.id LEFT JOIN campaigns_rendering r ON r.id = d.rendering_id
"""


@dataclass(frozen=True, slots=True)
class Errand:
    """A delivery in this worker's hands: what its agent is to know, and what the agent's system is to call that.

    What has not been told `until` then (`time.monotonic`) is left to whoever claims it next: half of the lease is for
    waiting, half for the system's answers.
    """

    delivery: Delivery
    adapter: Adapter
    text: str
    sha256: str
    name: str
    until: float


def claim(most: int) -> list[Errand]:
    """At most so many of the deliveries that are due, under a lease of this worker."""
    if most < 1:
        return []
    until = time.monotonic() + settings.DELIVERY_LEASE / 2
    with transaction.atomic():
        first("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        rows = every(CLAIM, [most, settings.DELIVERY_LEASE, worker()])
    errands = [_errand(row, until) for row in rows]
    open_all(link for each in errands if (link := each.adapter.connection))
    return errands


def _errand(row: Row, until: float) -> Errand:
    values = iter(row)
    delivery = Delivery.from_db(DEFAULT_DB_ALIAS, DELIVERY, list(islice(values, len(DELIVERY))))
    agent = Agent.from_db(DEFAULT_DB_ALIAS, AGENT, list(islice(values, len(AGENT))))
    link = _link(list(islice(values, len(LINK))))
    version_id, campaign, text = values
    if text is None:
        text = withdrawal(campaign, agent.language)
    return Errand(delivery, of(agent, link), text, sha256(text), str(version_id or delivery.broadcast_id), until)


def _link(values: list[Any]) -> Connection | None:
    if values[0] is None:
        return None
    values[3] = json.loads(values[3])
    return Connection.from_db(DEFAULT_DB_ALIAS, LINK, values)
