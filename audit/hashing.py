"""What is hashed, and how. `standalone.py` repeats these rules on purpose, so that an auditor needs none of our code.

- payload: SHA-256(salt + newline + canonical JSON of the body).
- event: its FIELDS as a JSON array as PostgreSQL spells it, byte for byte Python's `json.dumps(…, ensure_ascii=False)`;
  the leaf is SHA-256(0x00 + that), the tree above it as in RFC 6962 §2.1.
- seal: the head is SHA-256(canonical JSON of its fields), among them the head before it.
"""

import hashlib
from typing import Any

from agents.base.canonical import canonical, instant
from audit.models import Seal

FIELDS = (
    "seq",
    "xid",
    "id",
    "at",
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
# Without its zone, which is UTC, a time is spelled the same in every session.
LINE = f"json_build_array({', '.join(FIELDS)})::text".replace(" at,", " at AT TIME ZONE 'UTC',")
EMPTY = "0" * 64
"""The head before the first seal."""


def payload_sha256(salt: str, body: Any) -> str:
    """Salted, so that an erased payload cannot be guessed back from its hash."""
    return salted(salt, canonical(body))


def salted(salt: str, spelled: bytes) -> str:
    """The same of a body that is in its canonical spelling already."""
    return hashlib.sha256(salt.encode() + b"\n" + spelled).hexdigest()


def leaf(line: str) -> bytes:
    """RFC 6962 §2.1: the hash of one event's line."""
    return hashlib.sha256(b"\x00" + line.encode()).digest()


def level_above(level: list[bytes]) -> list[bytes]:
    """Pairs hashed; an odd last one moves up as it is, which gives the tree of RFC 6962 §2.1."""
    pairs = zip(level[::2], level[1::2], strict=False)
    hashed = [hashlib.sha256(b"\x01" + left + right).digest() for left, right in pairs]
    return hashed + level[2 * len(hashed) :]


def merkle_root(leaves: list[bytes]) -> str:
    """The tree's root over at least one leaf, in hexadecimal."""
    while len(leaves) > 1:
        leaves = level_above(leaves)
    return leaves[0].hex()


def merkle_levels(leaves: list[bytes]) -> list[list[bytes]]:
    """The whole tree, leaves first, root last."""
    levels = [leaves]
    while len(levels[-1]) > 1:
        levels.append(level_above(levels[-1]))
    return levels


def merkle_path(levels: list[list[bytes]], index: int) -> list[str]:
    """The audit path of RFC 6962 §2.1.1 for one leaf: what else is needed to arrive at the root."""
    path = []
    for level in levels[:-1]:
        if (index ^ 1) < len(level):
            path.append(level[index ^ 1].hex())
        index //= 2
    return path


def seal_fields(seal: Seal) -> dict[str, Any]:
    """What a seal says, all of it under its head."""
    return {
        "number": seal.number,
        "xid_from": seal.xid_from,
        "xid_to": seal.xid_to,
        "events": seal.events,
        "first_seq": seal.first_seq,
        "last_seq": seal.last_seq,
        "root": seal.root,
        "previous": seal.previous,
        "sealed_at": instant(seal.sealed_at),
    }


def seal_head(seal: Seal) -> str:
    """The head that `seal` should have."""
    return hashlib.sha256(canonical(seal_fields(seal))).hexdigest()


def unpack(packed: bytes) -> list[tuple[int, bytes]]:
    """(seq, leaf hash) pairs as `Seal.leaves` keeps them; a last one cut off comes back short, and never matches."""
    pieces = (packed[start : start + 40] for start in range(0, len(packed), 40))
    return [(int.from_bytes(piece[:8]), piece[8:]) for piece in pieces]
