"""A database that goes away for a moment costs a run nothing; an error of data is a defect for a person."""

from collections.abc import Callable

import pytest
from django.db import DataError, IntegrityError, OperationalError, connection, transaction

from agents.runs.enums import RunState
from agents.runs.execution import comeback
from agents.runs.execution.drive import drive
from agents.runs.models import Run, Step
from tests.cast import Cast, make_cast
from tests.runs.toys import CALLS, MEANWHILE, asked, started


def cut() -> None:
    """The server ends our connection, as it does when it restarts."""
    MEANWHILE.clear()
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        with pytest.raises(OperationalError):
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def raising(error: Exception) -> Callable[[], object]:
    def raise_it() -> None:
        raise error

    return raise_it


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("deaths", [0, 2])
def test_a_run_whose_connection_was_cut_is_given_back_and_no_death_is_counted(deaths: int) -> None:
    run = started(make_cast().agent, "chain", steps=2)
    Run.objects.filter(pk=run.pk).update(attempt=deaths)
    MEANWHILE["n0"] = cut
    drive(run.pk)
    run.refresh_from_db()
    assert (run.state, run.attempt, run.fence, run.lease_until) == (RunState.QUEUED, deaths, 1, None)
    drive(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.DONE
    assert list(Step.objects.filter(run=run).order_by("seq").values_list("key", flat=True)) == ["n0/1", "n1/1"]


@pytest.mark.django_db(transaction=True)
def test_a_cut_connection_after_a_step_replays_it() -> None:
    run = started(make_cast().agent, "chain", steps=2)
    MEANWHILE["n1"] = cut
    drive(run.pk)
    drive(run.pk)
    run.refresh_from_db()
    assert (run.state, CALLS["n0/1"], CALLS["n1/1"]) == (RunState.DONE, 1, 2)


@pytest.mark.django_db(transaction=True)
def test_another_s_run_is_not_given_back() -> None:
    run = started(make_cast().agent, "chain", steps=2)

    def overtaken() -> None:
        Run.objects.filter(pk=run.pk).update(fence=7)
        cut()

    MEANWHILE["n0"] = overtaken
    drive(run.pk)
    run.refresh_from_db()
    assert (run.state, run.fence) == (RunState.RUNNING, 7)


@pytest.mark.django_db
@pytest.mark.parametrize("error", [DataError("too long"), IntegrityError("twice")])
def test_an_error_of_data_is_a_defect_for_a_person(cast: Cast, error: Exception) -> None:
    run = started(cast.agent, "chain")
    MEANWHILE["n1"] = raising(error)
    drive(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert type(error).__name__ in asked(run).detail


@pytest.mark.django_db
def test_a_deadlock_is_left_to_the_sweeper(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comeback, "_reconnect", lambda: pytest.fail("the connection is there"))
    run = started(cast.agent, "chain")
    MEANWHILE["n1"] = raising(OperationalError("deadlock detected"))
    with pytest.raises(OperationalError), transaction.atomic():
        drive(run.pk)
