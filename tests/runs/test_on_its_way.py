"""Pure steps are committed while the next are computed; whatever leaves the process waits for them."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from types import FrameType
from typing import cast as typed

import psycopg
import pytest
from django.conf import settings
from django.db import DataError, IntegrityError, OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg._preparing import PrepareManager

from agents.base.sql import ahead, commits_alone, every, send
from agents.engine import LeaseLost, StepRecord, StepState
from agents.engine.graph import Kind
from agents.runs.actions import pause_run, sweep
from agents.runs.enums import RunState
from agents.runs.execution import journal
from agents.runs.execution.claim import claim
from agents.runs.execution.drive import carry, drive
from agents.runs.execution.journal import PgJournal
from agents.runs.models import Run, Step
from audit.models import AuditEvent
from tests.cast import Cast, make_cast
from tests.runs.toys import CALLS, MEANWHILE, asked, started

pytestmark = pytest.mark.django_db(transaction=True)
LEFT = "SELECT count(*) FROM runs_step WHERE run_id = %s AND key = %s AND state = 'confirmed'"
WAITS_FOR_ME = "SELECT EXISTS (SELECT FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid)))"


@pytest.fixture
def cast(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """However slow the machine, no step tells the run's row: that one is waited for."""
    monkeypatch.setattr(journal, "TELL_S", 3600.0)
    MEANWHILE.clear()
    return make_cast()


@contextmanager
def owner() -> Iterator[CursorWrapper]:
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        yield cursor
        cursor.execute(f"SET ROLE {settings.DATABASE_APP_ROLE}")


@pytest.fixture
def elsewhere(cast: Cast) -> Iterator[psycopg.Connection]:
    """Another process's connection."""
    with connection.get_new_connection(connection.get_connection_params()) as other:
        other.autocommit = True
        yield other


def keys(run: Run) -> list[str]:
    return list(Step.objects.filter(run=run).order_by("seq").values_list("key", flat=True))


def test_the_next_step_is_computed_while_others_are_on_their_way(cast: Cast, elsewhere: psycopg.Connection) -> None:
    run = started(cast.agent, "chain", steps=3)

    def hold_up() -> None:
        elsewhere.execute("BEGIN")
        elsewhere.execute("SELECT 1 FROM runs_run WHERE id = %s FOR UPDATE", [run.pk])

    MEANWHILE["n0"], MEANWHILE["n1"] = hold_up, lambda: elsewhere.execute("COMMIT")
    drive(run.pk)
    run.refresh_from_db()
    assert (run.state, run.steps_done, run.last_seq) == (RunState.DONE, 3, 3)
    assert keys(run) == ["n0/1", "n1/1", "n2/1"]


def test_an_effect_is_made_once_all_before_it_is_committed(cast: Cast, elsewhere: psycopg.Connection) -> None:
    run, seen = started(cast.agent, "effect"), list[object]()
    MEANWHILE["send"] = lambda: seen.append(elsewhere.execute(LEFT, [run.pk, "before/1"]).fetchone())
    drive(run.pk)
    assert (seen, keys(run)) == ([(1,)], ["before/1", "send/1", "after/1"])


@pytest.mark.parametrize("node", ["n0", "n1", "n2"])
def test_a_worker_that_lost_its_lease_meanwhile_writes_nothing_more(cast: Cast, node: str) -> None:
    run = started(cast.agent, "chain", steps=3)
    held = claim(run.pk)
    assert held

    def lose() -> None:
        Run.objects.filter(pk=run.pk).update(lease_until="2000-01-01T00:00:00Z")
        sweep()
        assert claim(run.pk)

    MEANWHILE[node] = lose
    carry(held)
    run.refresh_from_db()
    assert len(keys(run)) == int(node[1])
    assert (run.state, run.fence, run.result) == (RunState.RUNNING, 2, None)
    assert AuditEvent.objects.filter(object_id=run.pk, verb="lease.stale_write_refused").count() == 1


def test_a_step_waits_for_whoever_takes_its_run_over_and_is_not_written_then(
    cast: Cast, elsewhere: psycopg.Connection
) -> None:
    """Neither looks at what the other has not committed: without the row's lock both would be."""
    held = claim(started(cast.agent, "chain").pk)
    assert held
    walked, now = PgJournal(held), datetime.now(UTC)
    elsewhere.execute("BEGIN")
    elsewhere.execute("UPDATE runs_run SET fence = fence + 1 WHERE id = %s", [held.pk])
    step = StepRecord(key="n0/1", node="n0", kind=Kind.TOOL, state=StepState.CONFIRMED, started_at=now, finished_at=now)
    walked.commit(step)
    [sent] = walked.on_its_way
    while not (sent.is_back() or elsewhere.execute(WAITS_FOR_ME).fetchone() == (True,)):
        time.sleep(0.01)
    elsewhere.execute("COMMIT")
    with pytest.raises(LeaseLost):
        walked.land()
    assert keys(held) == []


def test_who_makes_steps_for_long_tells_the_run_s_row_how_far_it_got(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "TELL_S", 0.0)
    run, seen = started(cast.agent, "chain", steps=3), list[int]()
    MEANWHILE["n2"] = lambda: seen.append(Run.objects.get(pk=run.pk).steps_done)
    drive(run.pk)
    assert seen == [2]


def test_a_pause_is_obeyed_as_soon_as_it_is_heard_of(cast: Cast) -> None:
    """What is on its way when it is asked for was sent before."""
    run = started(cast.agent, "chain", steps=9)
    MEANWHILE["n1"] = lambda: pause_run(run, actor=cast.owner)
    drive(run.pk)
    run.refresh_from_db()
    assert run.is_paused
    assert 2 <= len(keys(run)) <= 2 + journal.AT_ONCE


def test_no_effect_follows_a_pause(cast: Cast) -> None:
    run = started(cast.agent, "effect")
    MEANWHILE["before"] = lambda: pause_run(run, actor=cast.owner)
    drive(run.pk)
    assert (keys(run), CALLS["send/1"]) == (["before/1"], 0)


def test_a_step_that_the_database_refuses_does_not_count_and_stops_what_follows(cast: Cast) -> None:
    run = claim(started(cast.agent, "chain").pk)
    assert run
    now = datetime.now(UTC)
    good = StepRecord(
        key="a", node="a", kind=Kind.TOOL, state=StepState.CONFIRMED, started_at=now, finished_at=now, output=["é", 1]
    )
    kept = PgJournal(run)
    kept.commit(good)
    kept.commit(replace(good, key="k" * 201))
    kept.commit(replace(good, key="c"))
    with pytest.raises(DataError):
        kept.commit(replace(good, key="b"))
    assert (run.steps_done, run.last_seq, keys(run)) == (1, 1, ["a"])
    assert Step.objects.get(run=run).output == ["é", 1]


def test_a_run_whose_last_step_is_refused_behind_its_back_is_not_done(cast: Cast) -> None:
    run = started(cast.agent, "chain", steps=3)
    MEANWHILE["n2"] = lambda: Step.objects.create(run=run, key="n2/1", seq=99, node="n2", kind="tool")
    drive(run.pk)
    run.refresh_from_db()
    assert (run.state, run.steps_done, run.last_seq, run.result) == (RunState.FAILED, 2, 2, None)
    assert "IntegrityError" in asked(run).detail
    assert not AuditEvent.objects.filter(object_id=run.pk, verb__in=["run.done", "lease.stale_write_refused"]).exists()


def test_what_is_sent_is_asked_for_before_anything_else_and_keeps_its_outcome() -> None:
    wait = "SELECT %(text)s::text, %(none)s::text FROM pg_sleep(0.05)"
    sent = send(wait, {"text": "é “x” \\", "none": None})
    assert Run.objects.count() == 0
    assert (sent.is_back(), sent.row()) == (True, ("é “x” \\", ""))
    assert send("SELECT %(n)s::int WHERE %(n)s::int > 1", {"n": 1}).row() is None
    refused = send("SELECT 1 / %(n)s::int", {"n": 0})
    with pytest.raises(DataError):
        send("SELECT %(text)s::text", {"text": "cut \0 off"})
    with transaction.atomic():
        assert not commits_alone()
    with pytest.raises(DataError):
        refused.row()
    assert commits_alone()


def test_what_only_its_commit_refuses_is_an_error_and_harms_nobody_else() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE one (id int PRIMARY KEY)")
        cursor.execute("CREATE TEMP TABLE other (id int REFERENCES one DEFERRABLE INITIALLY DEFERRED)")
    refused = send("INSERT INTO other VALUES (%s::int) RETURNING id::text", [1])
    after = send("SELECT %s::text", ["after"])
    with pytest.raises(IntegrityError):
        refused.row()
    assert after.row() == ("after",)
    assert send("SELECT count(*)::text FROM other WHERE %s::bool", [True]).row() == ("0",)


def test_a_row_can_be_had_before_its_commit() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE one (id int PRIMARY KEY)")
        cursor.execute("CREATE TEMP TABLE other (id int REFERENCES one DEFERRABLE INITIALLY DEFERRED)")
    assert ahead("INSERT INTO other VALUES (%s::int) RETURNING id", [1]) == (1,)
    assert ahead("INSERT INTO one SELECT %s::int WHERE NOT EXISTS (SELECT FROM other) RETURNING id", [2]) == (2,)
    assert ahead("SELECT id FROM other WHERE id = %s", [1]) is None
    with pytest.raises(DataError):
        ahead("SELECT 1 / %s::int", [0])
    with transaction.atomic():
        assert ahead("SELECT id, now() FROM one WHERE id = %s", [2]) == (2, transaction_time())


def transaction_time() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        return typed(datetime, cursor.fetchone()[0])


@pytest.fixture
def no_claim_is_committed(transactional_db: None) -> Iterator[Callable[[], None]]:
    """PostgreSQL refuses every claim, and that only at its commit; until what is given is called."""
    with owner() as cursor:
        cursor.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'full'; END $$"
        )
        cursor.execute(
            "CREATE CONSTRAINT TRIGGER refused AFTER UPDATE ON runs_run DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW WHEN (NEW.state = 'running') EXECUTE FUNCTION refuse()"
        )

    def again() -> None:
        with owner() as cursor:
            cursor.execute("DROP FUNCTION IF EXISTS refuse CASCADE")

    yield again
    again()


def test_a_worker_whose_claim_is_refused_at_its_commit_writes_nothing(
    no_claim_is_committed: Callable[[], None], cast: Cast
) -> None:
    run = started(cast.agent, "chain")
    drive(run.pk)
    run.refresh_from_db()
    assert (run.state, run.fence, run.steps.count()) == (RunState.QUEUED, 0, 0)
    assert not AuditEvent.objects.filter(object_id=run.pk, verb__in=["run.claimed", "run.done"]).exists()
    no_claim_is_committed()
    drive(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.DONE


@pytest.fixture(params=["as workers do", "as tests do"])
def prepares(transactional_db: None, request: pytest.FixtureRequest) -> Iterator[None]:
    """Whether psycopg deallocates all there is after a rollback, or nothing (tests/conftest.py)."""
    connection.ensure_connection()
    if request.param == "as workers do":
        connection.connection._prepared = PrepareManager()
        connection.connection.prepare_threshold = 0
    yield
    connection.close()


@pytest.mark.parametrize("inner", [False, True], ids=["transaction", "savepoint"])
def test_what_is_sent_outlives_a_rollback(prepares: None, inner: bool) -> None:
    asked = "SELECT %s::text"
    assert send(asked, ["before"]).row() == ("before",)
    with transaction.atomic(), suppress(LookupError), transaction.atomic(savepoint=inner):
        every("SELECT 1", [])
        raise LookupError
    assert [send(asked, [said]).row() for said in ("after", "again")] == [("after",), ("again",)]


def test_what_is_on_its_way_arrives_though_its_worker_is_killed(cast: Cast) -> None:
    run = claim(started(cast.agent, "chain").pk)
    assert run
    inherited, child = connection.connection, os.fork()
    if not child:
        try:
            connection.connection = None
            slowly = (
                "UPDATE runs_run SET reason = reason || %(n)s::text FROM pg_sleep(.05) WHERE id = %(id)s RETURNING 1"
            )
            for number in range(journal.AT_ONCE):
                send(slowly, {"n": number, "id": run.pk})
        finally:  # whatever happened: nobody else may go on in its name
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert inherited is connection.connection
    until = time.monotonic() + 60
    while Run.objects.get(pk=run.pk).reason != "01":
        assert time.monotonic() < until
        time.sleep(0.02)


def test_who_is_told_to_go_in_the_middle_of_an_answer_leaves_no_connection() -> None:
    # Python hears of a signal only when psycopg comes back from its wait.
    sent = send("SELECT pg_sleep(%(s)s::float8)::text", {"s": 0.2})

    def go(number: int, frame: FrameType | None) -> None:
        while frame and frame.f_code.co_name != "_received":
            frame = frame.f_back
        if frame:
            raise SystemExit

    before = signal.signal(signal.SIGALRM, go)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
        with pytest.raises(SystemExit):
            sent.row()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    with pytest.raises(OperationalError):
        sent.row()
    connection.close()
    assert send("SELECT 'again'", {}).row() == ("again",)


def test_a_connection_lost_meanwhile_is_an_error_of_whoever_asks(elsewhere: psycopg.Connection) -> None:
    sent = send("SELECT pg_sleep(%(s)s::float8)::text", {"s": 60})
    elsewhere.execute("RESET ROLE")
    elsewhere.execute("SELECT pg_terminate_backend(%s)", [sent.connection.info.backend_pid])
    with pytest.raises(OperationalError):
        sent.row()
    connection.close()
    assert send("SELECT 'again'", {}).row() == ("again",)
