"""The demo, built by one worker for all and put into a test's database row by row: building it takes seconds."""

import fcntl
import os
import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import override_settings

from console.demo import build, stages
from tests.model import settings_of
from tests.morning.stage import analyze
from tests.rehearsal.fixtures import Rehearsal
from tests.services import TEMPLATE

KEPT = {"django_content_type", "auth_permission", "django_migrations"}
NIGHTS = 9
"""Enough for every shape of a night: weekdays, weekend, step by step and in brief."""


@dataclass(frozen=True)
class Rows:
    """What every table held, as COPY writes it, and the logins of the people in them."""

    logins: build.Logins
    tables: dict[str, bytes]

    def moved(self, old: str, new: str) -> "Rows":
        """With another address of the stand-in model; the trail says what was."""
        tables = {
            name: rows if name.startswith("audit_") else rows.replace(old.encode(), new.encode())
            for name, rows in self.tables.items()
        }
        return Rows(self.logins, tables)

    def put(self) -> None:
        """Write them into the test's database, beside whoever is there already.

        What was planned for empty tables is planned anew: nothing else tells PostgreSQL within one transaction.
        """
        with _owner() as cursor:
            for table, rows in self.tables.items():
                with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                    copy.write(rows)
            cursor.execute("DISCARD PLANS")


@dataclass(frozen=True)
class Days:
    """The demo at two moments of its first day, and how far it has counted: no rollback takes that back."""

    night: Rows
    morning: Rows
    counted: dict[str, int]


@pytest.fixture(scope="session")
def demo_days(django_db_setup: None, django_db_blocker: Any, rehearsal_server: Rehearsal) -> Days:
    """Built in a thread of its own: where Playwright's event loop runs, no adapter can run one."""

    def build() -> Days:
        rehearsal_server.reset()
        with (
            django_db_blocker.unblock(),
            override_settings(**settings_of(rehearsal_server)),
            ThreadPoolExecutor(1) as pool,
        ):
            return pool.submit(_built).result()

    if home := os.environ.get(TEMPLATE):
        return _shared(Path(home), rehearsal_server.url, build, django_db_blocker)
    return build()


def _shared(home: Path, url: str, build: Callable[[], Days], blocker: Any) -> Days:
    """What the first worker to come has built and kept in `home`; the others wait for it."""
    kept = home / "demo_days"
    with (home / "demo_days.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            kept.write_bytes(pickle.dumps((url, build())))
    built_at, days = pickle.loads(kept.read_bytes())
    with blocker.unblock(), _owner() as cursor:
        cursor.executemany(
            "SELECT setval(%s::regclass, greatest(last_value, %s)) FROM pg_sequences WHERE sequencename = %s",
            [(name, last, name) for name, last in days.counted.items()],
        )
    return Days(days.night.moved(built_at, url), days.morning.moved(built_at, url), days.counted)


def _built() -> Days:
    try:
        with transaction.atomic():
            logins = build.build(NIGHTS)
            analyze()
            night = Rows(logins, _tables())
            stages.morning()
            days = Days(night, Rows(logins, _tables()), _counted())
            transaction.set_rollback(True)
            return days
    finally:
        connection.close()


def _tables() -> dict[str, bytes]:
    names = set(connection.introspection.django_table_names(only_existing=True)) - KEPT
    with _owner() as cursor:
        return {name: rows for name in sorted(names) if (rows := _copied(cursor, name))}


def _counted() -> dict[str, int]:
    with _owner() as cursor:
        cursor.execute("SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL")
        return dict(cursor.fetchall())


def _copied(cursor: Any, table: str) -> bytes:
    with cursor.copy(f"COPY {table} TO STDOUT") as copy:
        return b"".join(copy)


@contextmanager
def _owner() -> Iterator[Any]:
    """A cursor that may write the trail's numbers too."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        yield cursor
        cursor.execute(f"SET ROLE {settings.DATABASE_APP_ROLE}")
