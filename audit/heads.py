"""Heads leave the database: without a copy elsewhere, whoever owns the database could rebuild the whole trail.

AUDIT_HEAD_FILE is append-only JSON lines, 0600; each head is also one log line, for shipping to another system.
"""

import json
import os
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings

from audit.hashing import seal_fields
from audit.models import Seal

log = structlog.get_logger("audit")


def head_file() -> Path:
    """Where this machine publishes."""
    return Path(settings.AUDIT_HEAD_FILE)


def publish() -> int:
    """Appends every head the file does not have yet; returns how many. Only the sealer, under its lock, may call it."""
    seals = list(Seal.objects.filter(number__gt=newest()).defer("leaves").order_by("number"))
    if seals:
        _append([{**seal_fields(seal), "head": seal.head} for seal in seals])
    for seal in seals:
        log.info("audit.head", number=seal.number, head=seal.head, events=seal.events, last_seq=seal.last_seq)
    return len(seals)


def newest() -> int:
    """The number of the last published head, 0 without one; only the end of the file is read, however long it is."""
    return max(_heads(_tail(head_file())), default=0)


def published(path: Path | None = None) -> dict[int, dict[str, Any]]:
    """The published heads by number. The first line about a number counts; what cannot be read is left out."""
    try:
        return _heads((path or head_file()).read_bytes())
    except FileNotFoundError:
        return {}


def _append(lines: list[dict[str, Any]]) -> None:
    path = head_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    # A line torn by a crash stays where it is, unreadable; its head follows again.
    torn = not (_tail(path) or b"\n").endswith(b"\n")
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(handle, "ab") as file:
        file.write(b"\n" * torn + b"".join(json.dumps(line).encode() + b"\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())


def _tail(path: Path, size: int = 65_536) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - size))
            return file.read()
    except FileNotFoundError:
        return b""


def _heads(content: bytes) -> dict[int, dict[str, Any]]:
    heads: dict[int, dict[str, Any]] = {}
    for line in map(_parse, content.splitlines()):
        if line:
            heads.setdefault(line["number"], line)
    return heads


def _parse(text: bytes) -> dict[str, Any] | None:
    try:
        line = json.loads(text)
        return line if [type(line[key]) for key in ("number", "first_seq", "head")] == [int, int, str] else None
    except (ValueError, KeyError, TypeError):
        return None
