"""The database as the application sees it, and the same few people and agents in every test."""

import gc
import os
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import caches
from django.core.management.commands import flush
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from psycopg._preparing import PrepareManager

from agents.base.http.breaker import breaker
from agents.runs.wake import wire
from console.supervisor import assets
from tests.cast import Cast, make_cast

# How long an example takes says something of the machine, nothing of what is tested.
hypothesis_settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
if "CI" not in os.environ:  # there, Hypothesis' own profile: patient too, and the same examples every time
    hypothesis_settings.load_profile("patient")

KEPT = {"django_content_type", "auth_permission"}
"""What migrations fill, and every test needs."""
TRAIL = {"audit_auditevent", "audit_seal"}
LATECOMERS = 5
"""Times a table may be found filled again; a page that is closing sends its last beat, and a beat or two is all."""
HOUR_S, LAST_S = 3600, 3
"""Nearly every zone's midnight is at a full hour."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Tests run as the application's role: what it may not do in production, it may not do here."""
    role = settings.DATABASE_APP_ROLE
    handle = flush.Command.handle
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            # Only in the test database: pytest-django truncates between transactional tests.
            for table in TRAIL:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER audit_no_truncate")
        connection.close()
    connection.settings_dict["OPTIONS"]["assume_role"] = role
    connection_created.connect(_prepare_for_good)

    def flush_as_owner(self: flush.Command, **options: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            _empty(cursor)
            cursor.execute(f"SET ROLE {role}")

    flush.Command.handle = flush_as_owner  # type: ignore[method-assign]
    yield
    flush.Command.handle = handle  # type: ignore[method-assign]
    connection_created.disconnect(_prepare_for_good)
    with django_db_blocker.unblock():
        connection.settings_dict["OPTIONS"].pop("assume_role")
        connection.close()


class Prepared(PrepareManager):
    """What was prepared outlives the rollback after each test, as it does in PostgreSQL, which need not plan it again.

    psycopg would deallocate it for the sake of tables that a rollback takes away.
    """

    prepare_threshold = 1
    prepared_max = 1000

    def clear(self) -> bool:
        return False


def _prepare_for_good(connection: BaseDatabaseWrapper, **_: Any) -> None:
    connection.connection._prepared = Prepared()


def _empty(cursor: Any) -> None:
    """Delete what there is; again, where a page that a test left behind still wrote while we did."""
    for _ in range(LATECOMERS):
        try:
            _delete(cursor)
            return
        except (IntegrityError, OperationalError):
            continue
    _delete(cursor)


def _delete(cursor: Any) -> None:
    """Rows, in one transaction: to truncate is to make the files of a hundred tables and indexes anew.

    The trail lets nobody delete from it.
    """
    tables = [name for name in connection.introspection.django_table_names(only_existing=True) if name not in KEPT]
    any_row = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in tables)
    cursor.execute(any_row)
    filled = {row[0] for row in cursor.fetchall()}
    with transaction.atomic():
        for table in filled - TRAIL:
            cursor.execute(f"DELETE FROM {table}")
    if trail := filled & TRAIL:
        cursor.execute(f"TRUNCATE {', '.join(trail)}")


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: no collection of garbage need go through it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000)


def pytest_configure(config: pytest.Config) -> None:
    """Pages are also tried in Spanish and Portuguese; once, not by each worker."""
    if not hasattr(config, "workerinput"):
        assets.compile_messages()


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """What failed in one test, a stand-in on 127.0.0.1 or a broker, would not be asked for a while by the next.

    What was said this minute in one would not be said again; people of the demo are the same in each of its tests.
    """
    breaker._states.clear()
    wire.silent_until = 0.0
    for cache in caches.all():
        cache.clear()


@pytest.fixture(autouse=True)
def _within_one_day() -> None:
    """No test begins on one day and ends on the next, in whichever zone: it asks more than once what day it is."""
    left = HOUR_S - time.time() % HOUR_S
    if left < LAST_S:
        time.sleep(left)


@pytest.fixture
def cast(db: None) -> Cast:
    """One team with its owner, second owner, outsider, chief, auditor…, and one live agent."""
    return make_cast()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts processes comes first, so that nothing long is left for the end.

    Browser tests come last: Playwright keeps an event loop running in its process from its first test on. Among them
    those on the demo come first: they go through all its pages.
    """
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    if item.get_closest_marker("browser"):
        return 2 if "demo" in getattr(item, "fixturenames", ()) else 3
    return 0 if item.get_closest_marker("slow") or item.get_closest_marker("chaos") else 1
