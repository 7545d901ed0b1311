"""Identifiers: one UUIDv7 primary key everywhere (RFC 9562 §5.7)."""

import datetime as dt
import os
import threading
import time
import uuid

_lock = threading.Lock()
_last = 0


def uuid7() -> uuid.UUID:
    """A UUID that sorts by time, strictly rising in a process: 48-bit milliseconds, 12-bit counter, 62 random bits."""
    global _last
    with _lock:
        _last = stamp = max(_last + 1, (time.time_ns() // 1_000_000) << 12)
    value = (stamp >> 12) << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64
    return uuid.UUID(int=value | 0b10 << 62 | int.from_bytes(os.urandom(8)) >> 2)


def first_id(at: dt.datetime) -> uuid.UUID:
    """The smallest id that `uuid7` can give at that instant or later: rows since then, by their primary key."""
    return uuid.UUID(int=int(at.timestamp() * 1000) << 80)


def unix_ms(id: uuid.UUID) -> int:
    """When an id of `uuid7` was made, in milliseconds since 1970."""
    return id.int >> 80


def short(id: uuid.UUID | str) -> str:
    """Enough of an id for a reader to tell two rows apart: "019a…3f2c"."""
    text = str(id)
    return f"{text[:4]}…{text[-4:]}"
