"""The demo, built once in each worker and put into a test's database row by row: building it takes seconds."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import override_settings

from console.demo import build, stages
from tests.model import settings_of
from tests.morning.stage import analyze
from tests.rehearsal.fixtures import Rehearsal

KEPT = {"django_content_type", "auth_permission", "django_migrations"}
NIGHTS = 9
"""Enough for every shape of a night: weekdays, weekend, step by step and in brief."""


@dataclass(frozen=True)
class Rows:
    """What every table held, as COPY writes it, and the logins of the people in them."""

    logins: build.Logins
    tables: dict[str, bytes]

    def put(self) -> None:
        """Write them into the test's database, beside whoever is there already."""
        with _owner() as cursor:
            for table, rows in self.tables.items():
                with cursor.copy(f"COPY {table} FROM STDIN") as copy:
                    copy.write(rows)


@dataclass(frozen=True)
class Days:
    """The demo at two moments of its first day."""

    night: Rows
    morning: Rows


@pytest.fixture(scope="session")
def demo_days(django_db_setup: None, django_db_blocker: Any, rehearsal_server: Rehearsal) -> Days:
    """Built in a thread of its own: where Playwright's event loop runs, no adapter can run one."""
    rehearsal_server.reset()
    with (
        django_db_blocker.unblock(),
        override_settings(**settings_of(rehearsal_server)),
        ThreadPoolExecutor(1) as pool,
    ):
        return pool.submit(_built).result()


def _built() -> Days:
    try:
        with transaction.atomic():
            logins = build.build(NIGHTS)
            analyze()
            night = Rows(logins, _tables())
            stages.morning()
            morning = Rows(logins, _tables())
            transaction.set_rollback(True)
            return Days(night, morning)
    finally:
        connection.close()


def _tables() -> dict[str, bytes]:
    names = set(connection.introspection.django_table_names(only_existing=True)) - KEPT
    with _owner() as cursor:
        return {name: rows for name in sorted(names) if (rows := _copied(cursor, name))}


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
