"""What is hashed, and how: RFC 6962 §2.1 Merkle trees over one canonical line per event, heads chained.

`standalone.py` repeats these rules on purpose, so that an auditor needs none of our code.
"""

import hashlib
from typing import Any

from agents.base.canonical import canonical, instant
from audit.models import AuditEvent

EMPTY = "0" * 64
"""The head before the first seal."""


def payload_sha256(salt: str, body: Any) -> str:
    """Salted, so that an erased payload cannot be guessed back from its hash."""
    return hashlib.sha256(salt.encode() + b"\n" + canonical(body)).hexdigest()


def line(event: AuditEvent) -> dict[str, Any]:
    """Every column of an event, as the exported and hashed line."""
    return {
        "seq": event.seq,
        "xid": event.xid,
        "id": str(event.pk),
        "at": instant(event.at),
        "team_id": _text(event.team_id),
        "agent_id": _text(event.agent_id),
        "actor_kind": event.actor_kind,
        "actor_id": _text(event.actor_id),
        "actor_label": event.actor_label,
        "verb": event.verb,
        "object_type": event.object_type,
        "object_id": _text(event.object_id),
        "object_label": event.object_label,
        "correlation_id": str(event.correlation_id),
        "request_id": event.request_id,
        "payload_sha256": event.payload_sha256,
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def leaf(event: AuditEvent) -> bytes:
    """RFC 6962: SHA-256(0x00 || line)."""
    return hashlib.sha256(b"\x00" + canonical(line(event))).digest()


def node(left: bytes, right: bytes) -> bytes:
    """RFC 6962: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()
