"""A worker signs in to the database once, not for every task."""

import pytest
from django.db import OperationalError, connection

from console import celery
from console.celery import replace_bad_connections

pytestmark = pytest.mark.django_db(transaction=True)


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def test_a_good_connection_serves_the_next_task_too() -> None:
    before = backend()
    replace_bad_connections()
    assert backend() == before


def test_a_broken_connection_is_replaced_before_the_next_task() -> None:
    before = backend()
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        with pytest.raises(OperationalError):
            cursor.execute("SELECT pg_terminate_backend(%s)", [before])
    replace_bad_connections()
    assert backend() != before


@pytest.mark.parametrize("just_used", [True, False])
def test_only_a_connection_that_rested_is_asked_whether_it_answers(
    just_used: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend()
    monkeypatch.setattr(celery, "_used_at", 0.0)
    if just_used:
        celery.note_use()
    replace_bad_connections()
    assert connection.health_check_done is just_used  # type: ignore[attr-defined]
