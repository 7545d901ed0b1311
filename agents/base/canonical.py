"""One spelling for one value: what is hashed today must hash the same after a round trip through jsonb."""

import datetime as dt
import json
import re
import uuid
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from typing import Any

from django.utils.functional import Promise

# PostgreSQL takes neither NUL nor half a surrogate pair in text.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
DEPTH = 64
# One encoder for all: `json.dumps` would make a new one each time.
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def plain(value: Any, depth: int = 0) -> Any:
    """`value` as JSON that reads back identically: UUIDs, decimals, dates, enums as text,
    NUL and lone surrogates as U+FFFD.

    Raises `TypeError` for floats (their spelling is not stable) and anything JSON has no word for, `ValueError` when
    nested deeper than 64.
    """
    if type(value) is str:  # most are
        return _UNSTORABLE.sub("\ufffd", value)
    if depth > DEPTH:
        raise ValueError("Nested deeper than 64 levels.")
    if isinstance(value, Enum):
        return plain(value.value, depth)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str | Promise):
        return _UNSTORABLE.sub("\ufffd", str(value))
    if isinstance(value, Mapping):
        return {_key(key): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, depth + 1) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(item, depth + 1) for item in value), key=canonical)
    return _scalar(value)


def _key(key: Any) -> str:
    text = plain(key)
    if not isinstance(text, str):
        raise TypeError(f"Keys must be text, not {type(key).__name__}.")
    return text


def _scalar(value: Any) -> str:
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.datetime):
        return instant(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return f"{value // dt.timedelta(microseconds=1)}us"
    raise TypeError(f"{type(value).__name__} has no canonical spelling; use text, whole numbers or decimals.")


def instant(moment: dt.datetime) -> str:
    """UTC with microseconds, always: 2026-11-20T23:30:00.000000Z. Raises `ValueError` for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("A time without its zone cannot be recorded.")
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def canonical(value: Any) -> bytes:
    """Sorted keys, no spaces, UTF-8: the bytes that are hashed. `value` must come from `plain` or from jsonb."""
    return _encode(value).encode()
