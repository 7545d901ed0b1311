"""Writing to the trail, and taking back what may be taken back: never the event, only what it says of a person."""

import json
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from agents.base.actors import Actor
from agents.base.canonical import canonical, plain
from agents.base.context import correlation_id, request_id
from agents.base.errors import Conflict, Invalid
from agents.base.ids import uuid7
from agents.base.sql import first
from audit import export, verification
from audit.hashing import salted
from audit.models import AuditEvent, AuditPayload
from audit.verbs import EXPORTED, REDACTED, VERIFIED, require

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

UUIDS = {"id", "team_id", "agent_id", "actor_id", "object_id", "correlation_id"}
GIVEN = ", ".join(f"{each} {'uuid' if each in UUIDS else 'text'}" for each in (*COLUMNS, "salt", "body"))
# As one JSON document: arrays of text cost the client ten times as much to spell.
INSERT_EACH = f"""
WITH given AS (
  SELECT * FROM ROWS FROM (json_to_recordset(%s::json) AS ({GIVEN})) WITH ORDINALITY AS given
), event AS (
  INSERT INTO audit_auditevent ({", ".join(COLUMNS)}) SELECT {", ".join(COLUMNS)} FROM given ORDER BY ordinality
)
INSERT INTO audit_auditpayload (event_id, salt, body) SELECT id, salt, body::jsonb FROM given
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

    What cannot be erased must not hold customers' words: an `obj` whose text is theirs has a property `audit_label`,
    which becomes the label, and its text goes into `data` as `title`. `team_id` and `agent_id` are UUIDs or None.
    UUIDs, decimals, dates and enums in `data` become strings; floats are refused with `TypeError`. Raises
    `UnknownVerb` for a verb nobody registered.
    """
    label = label_of(obj, data) if object_label is None else object_label
    told = told_of(verb, actor, team_id, obj, agent_id, label, data)
    seq, xid, at = first(INSERT, list(told.values())) or ()
    event = AuditEvent(seq=seq, xid=xid, at=at, **{column: told[column] for column in COLUMNS})
    event._state.adding, event._state.db = False, connection.alias
    return event


def record_each(
    verb: str, happened: Iterable[tuple[Model, dict[str, Any]]], *, actor: Actor, team_id: Any, agent_id: Any = None
) -> None:
    """`record` for many objects in one statement, each event among those of its own object.

    `agent_id` is whose they all are; without it each object has its own.
    """
    rows = []
    for obj, data in happened:
        whose = agent_id or obj.agent_id  # type: ignore[attr-defined]
        told = told_of(verb, actor, team_id, obj, whose, label_of(obj, data), data)
        rows.append(told | {"correlation_id": obj.pk})
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(INSERT_EACH, [json.dumps(rows, default=str)])


def redact(event: AuditEvent, *, actor: Actor, reason: str) -> AuditEvent:
    """Erases for ever what an event says beyond its columns; the proof holds, and the redaction is an event itself.

    The caller asks whether the actor may. Raises `Invalid` without a reason, `Conflict` when it is erased already.
    """
    if not reason.strip():
        raise Invalid(_("Say why this must be erased."), "reason_missing", {"reason": [_("Say why.")]})
    with transaction.atomic():
        deleted, _rows = AuditPayload.objects.filter(pk=event.pk).delete()
        if not deleted:
            raise Conflict(_("What this event said has been erased already."), "already_redacted")
        return record(
            REDACTED,
            actor=actor,
            team_id=event.team_id,
            agent_id=event.agent_id,
            obj=event,
            object_label=f"#{event.seq} {event.verb}",
            seq=event.seq,
            reason=reason,
        )


def verify(*, actor: Actor, heads: Path | None = None) -> verification.Report:
    """Verifies the whole trail and records the outcome; must be called outside a transaction."""
    report = verification.verify(heads)
    record(
        VERIFIED,
        actor=actor,
        team_id=None,
        events=report.events,
        seals=report.seals,
        head=report.head,
        findings=len(report.findings),
        first_bad=report.first_bad,
    )
    return report


def export_jsonl(
    events: QuerySet[AuditEvent], *, actor: Actor, team_id: Any, whole: bool = False, **asked: Any
) -> Iterator[str]:
    """The lines of a provable export, and the record that it was taken. `asked`: what for; `whole`: all there is."""
    record(EXPORTED, actor=actor, team_id=team_id, whole=whole, format="jsonl", **asked)
    return export.lines(events, whole=whole, asked=plain(asked))


def export_csv(events: QuerySet[AuditEvent], *, actor: Actor, team_id: Any, **asked: Any) -> Iterator[list[str | int]]:
    """The rows of an export for a spreadsheet, and the record that it was taken."""
    record(EXPORTED, actor=actor, team_id=team_id, format="csv", **asked)
    return export.rows(events)


def told_of(
    verb: str, actor: Actor, team_id: Any, obj: Model | None, agent_id: Any, label: str, data: dict[str, Any]
) -> dict[str, Any]:
    """COLUMNS of a new event, in their order, then the salt and the canonical body of what stands beside it."""
    body = canonical(plain(data))
    salt = secrets.token_hex(16)
    return {
        "id": uuid7(),
        "team_id": team_id,
        "agent_id": agent_id,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "actor_label": _line(actor.label),
        "verb": require(verb),
        "object_type": obj._meta.label if obj else "",
        "object_id": obj.pk if obj else None,
        "object_label": _line(label),
        "correlation_id": correlation_id(),
        "request_id": request_id()[:64],
        "payload_sha256": salted(salt, body),
        "salt": salt,
        "body": body.decode(),
    }


def label_of(obj: Model | None, data: dict[str, Any]) -> str:
    """What `obj` is called in the column that stays; its own text joins `data` when that is somebody else's."""
    neutral: str | None = getattr(obj, "audit_label", None)
    if neutral is None:
        return str(obj or "")
    data.setdefault("title", str(obj))
    return neutral


def _line(text: str) -> str:
    return str(plain(text))[:200]
