"""A trail of one's own: a head file in a temporary folder, and the powers of a database owner who cheats."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.db.backends.utils import CursorWrapper

from agents.base.actors import SYSTEM
from agents.base.ids import uuid7
from audit import verbs
from audit.actions import record
from audit.models import AuditEvent

TRIED = verbs.register("test.tried", "Tried something")
Say = Callable[..., list[AuditEvent]]


@pytest.fixture(autouse=True)
def heads(tmp_path: Path, settings: Any) -> Path:
    settings.AUDIT_HEAD_FILE = str(tmp_path / "outside" / "heads.jsonl")
    return Path(settings.AUDIT_HEAD_FILE)


@pytest.fixture
def say() -> Say:
    """Records `count` events of one team."""
    team = uuid7()

    def say(count: int, **data: Any) -> list[AuditEvent]:
        asked = {"team_id": team, **data}
        return [record(TRIED, actor=SYSTEM, note=f"number {number}", **asked) for number in range(count)]

    return say


@contextmanager
def cheating() -> Iterator[CursorWrapper]:
    """What only the owner of the tables can do: take the triggers away and rewrite history."""
    tables = ("audit_auditevent", "audit_seal")
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER audit_no_change")
        try:
            yield cursor
        finally:
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER audit_no_change")
            cursor.execute(f"SET ROLE {django_settings.DATABASE_APP_ROLE}")
