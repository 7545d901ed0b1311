"""Writing to the trail, and taking back what may be taken back: never the event, only what it says of a person."""

import secrets
from typing import Any

from django.db import connection
from django.db.models import Model

from agents.base.actors import Actor
from agents.base.canonical import canonical, plain
from agents.base.context import correlation_id, request_id
from audit.hashing import payload_sha256
from audit.models import AuditEvent
from audit.verbs import require

COLUMNS = (
    "id",
    "team_id",
    "agent_id",
    "actor_kind",
    "actor_id",
    "actor_label",
    "verb",
    "object_type",
    "object_id",
    "object_label",
    "correlation_id",
    "request_id",
    "payload_sha256",
)
# One round trip, both rows or none, also outside a transaction.
INSERT = f"""
WITH event AS (
  INSERT INTO audit_auditevent ({", ".join(COLUMNS)}) VALUES ({", ".join(["%s"] * len(COLUMNS))})
  RETURNING id, seq, xid, at
), payload AS (
  INSERT INTO audit_auditpayload (event_id, salt, body) SELECT id, %s, %s::jsonb FROM event
)
SELECT seq, xid, at FROM event
"""


def record(
    verb: str,
    *,
    actor: Actor,
    team_id: Any,
    obj: Model | None = None,
    agent_id: Any = None,
    object_label: str | None = None,
    **data: Any,
) -> AuditEvent:
    """Writes one event, with `data` beside it, in the caller's transaction (or in one of its own when there is none).

    `team_id` and `agent_id` are UUIDs or None. UUIDs, decimals, dates and enums in `data` become strings; floats are
    refused with `TypeError`. Raises `UnknownVerb` for a verb nobody registered.
    """
    body = plain(data)
    salt = secrets.token_hex(16)
    event = AuditEvent(
        team_id=team_id,
        agent_id=agent_id,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_label=_line(actor.label),
        verb=require(verb),
        object_type=obj._meta.label if obj else "",
        object_id=obj.pk if obj else None,
        object_label=_line(str(obj or "") if object_label is None else object_label),
        correlation_id=correlation_id(),
        request_id=request_id()[:64],
        payload_sha256=payload_sha256(salt, body),
    )
    _insert(event, salt, canonical(body).decode())
    return event


def _line(text: str) -> str:
    return str(plain(text))[:200]


def _insert(event: AuditEvent, salt: str, body: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [*(getattr(event, column) for column in COLUMNS), salt, body])
        event.seq, event.xid, event.at = cursor.fetchone()
    event._state.adding = False
    event._state.db = connection.alias
