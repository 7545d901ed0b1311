"""Workers die, freeze and lose their messages; each run still ends once, and nothing done is done again."""

import os
import signal
import time
from collections.abc import Iterator

import pytest
from django.db import connection

from agents.fleet.models import Assignment, Flow, FlowVersion
from agents.runs.actions import start_run, sweep
from agents.runs.enums import RunState, StepState
from agents.runs.invariants import INVARIANTS
from agents.runs.models import Run, RunException, Step
from agents.runs.wake import wire
from audit.models import AuditEvent
from tests.cast import Cast, make_cast
from tests.chaos.fleet import Fleet, all_over, fleet
from tests.chaos.flows import EFFECT_AT, SLUG, STEPS, Diary

pytestmark = [pytest.mark.chaos, pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]
FULL = os.environ.get("CHAOS") == "full"
FREEZES = 25 if FULL else 1
QUEUED = 300
KEYS = [f"n{number}/1" for number in range(STEPS)]
BEFORE, DURING, AFTER = "step.before_call", "step.after_call_before_journal", "step.after_journal"
EFFECT = ("effect.before_send", "effect.after_send_before_journal")
ENDS = ("run.before_finish", "run.after_finish_before_ack")


@pytest.fixture(scope="module")
def house(django_db_setup: None) -> Iterator[Fleet]:
    with fleet() as one:
        yield one


@pytest.fixture
def workers(house: Fleet, transactional_db: None) -> Fleet:
    """The worker on this test's empty database."""
    if house.worker is None:
        house.start_worker()
    return house


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    cast = make_cast()
    flow = Flow.objects.create(team=cast.team, slug=SLUG, name="Chaos", pattern="chain")
    version = FlowVersion.objects.create(flow=flow, number=1, graph={}, settings={"steps": STEPS})
    Assignment.objects.create(agent=cast.agent, flow_version=version, run_cap_micros=1, day_cap_micros=1)
    return cast


def begin(cast: Cast, fault: str = "", *, poison: bool = False, pause: float = 0) -> Run:
    return start_run(cast.agent, actor=None, input={"fault": fault, "poison": poison, "pause": str(pause)})


def nothing_was_done_twice(run: Run, diary: Diary, *, unjournalled: int) -> None:
    """Every step is recorded once; at most `unjournalled` calls were made whose result died with their worker."""
    recorded = list(Step.objects.filter(run=run).order_by("seq").values_list("key", flat=True))
    made = diary.calls()[str(run.pk)]
    assert recorded == KEYS
    assert sum(made.values()) <= STEPS + unjournalled
    assert made[KEYS[EFFECT_AT]] == 1


def promises_hold() -> None:
    assert [(name, found) for name, ask in INVARIANTS if (found := ask())] == []
    assert AuditEvent.objects.filter(verb="run.done").count() == Run.objects.filter(state=RunState.DONE).count()


def test_a_run_survives_kill_9_at_every_step_boundary(workers: Fleet, cast: Cast) -> None:
    places = [(AFTER, nth) for nth in range(1, STEPS + 1)] + [(DURING, 2), (BEFORE, 5)]
    if FULL:
        places = [(point, nth) for point in (BEFORE, DURING, AFTER) for nth in range(1, STEPS) for _ in range(5)]
    runs = [begin(cast, f"{point}:kill9:{nth}") for point, nth in places]
    runs += [begin(cast, f"{point}:kill9") for point in ENDS]
    workers.until(all_over, seconds=60 + 4 * len(places))
    assert {run.state for run in Run.objects.all()} == {RunState.DONE}
    for run in runs:
        nothing_was_done_twice(run, workers.diary, unjournalled=1)
    promises_hold()


def test_an_effect_whose_worker_was_killed_goes_to_a_person(workers: Fleet, cast: Cast) -> None:
    runs = [begin(cast, f"{point}:kill9") for point in EFFECT]
    workers.until(all_over, seconds=40)
    for run in runs:
        run.refresh_from_db()
        assert run.state == RunState.WAITING
        assert RunException.objects.get(run=run).kind == "unknown_effect"
        assert Step.objects.get(run=run, key=KEYS[EFFECT_AT]).state == StepState.UNKNOWN
        assert workers.diary.calls()[str(run.pk)][KEYS[EFFECT_AT]] <= 1
    promises_hold()


def test_poison_is_quarantined_while_others_go_on(workers: Fleet, cast: Cast) -> None:
    poison = begin(cast, poison=True)
    others = [begin(cast) for _ in range(10)]
    workers.until(all_over, seconds=60)
    poison.refresh_from_db()
    assert (poison.state, poison.attempt, poison.fence) == (RunState.QUARANTINED, 3, 3)
    assert {Run.objects.get(pk=run.pk).state for run in others} == {RunState.DONE}
    promises_hold()


def test_a_frozen_worker_that_wakes_too_late_writes_nothing(workers: Fleet, cast: Cast) -> None:
    points = [f"{DURING}:stop:2", f"{ENDS[0]}:stop:1"] * FREEZES
    for point in points:
        run = begin(cast, point)
        workers.until(all_over, seconds=40)
        frozen = workers.diary.pids(str(run.pk))[0]
        os.kill(frozen, signal.SIGCONT)
        refused = AuditEvent.objects.filter(object_id=run.pk, verb="lease.stale_write_refused")
        workers.until(refused.exists, seconds=60)
        assert refused.count() == 1
        run.refresh_from_db()
        assert (run.state, run.fence) == (RunState.DONE, 2)
        nothing_was_done_twice(run, workers.diary, unjournalled=1)
    promises_hold()


def test_a_worker_that_is_told_to_go_gives_its_runs_back(workers: Fleet, cast: Cast) -> None:
    runs = [begin(cast, pause=1) for _ in range(4)]
    workers.until(lambda: Run.objects.filter(state=RunState.RUNNING, steps_done__gte=1).count() == 4, seconds=60)
    assert workers.tell_worker_to_go() < 60
    left = Run.objects.in_bulk([run.pk for run in runs]).values()
    assert {(run.state, run.attempt) for run in left} == {(RunState.QUEUED, 0)}
    assert not AuditEvent.objects.filter(verb="run.lease_expired").exists()
    workers.start_worker()
    workers.until(all_over, seconds=90)
    for run in runs:
        nothing_was_done_twice(run, workers.diary, unjournalled=0)
    promises_hold()


def test_a_database_that_drops_every_connection_costs_no_run_a_death(workers: Fleet, cast: Cast) -> None:
    """As a restart does, seen from the workers."""
    runs = [begin(cast, pause=1) for _ in range(4)]
    workers.until(lambda: Run.objects.filter(state=RunState.RUNNING, steps_done__gte=1).count() == 4, seconds=60)
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        assert cursor.fetchone()[0] >= 4
    connection.close()
    workers.until(all_over, seconds=40)
    for run in Run.objects.filter(pk__in=[run.pk for run in runs]):
        if run.state == RunState.DONE:
            nothing_was_done_twice(run, workers.diary, unjournalled=1)
        else:  # it was caught in the middle of its effect: somebody is asked, as after a death
            assert RunException.objects.get(run=run).kind == "unknown_effect"
    assert not AuditEvent.objects.filter(verb="run.lease_expired").exists()
    promises_hold()


def test_workers_consume_again_after_their_broker_was_killed(workers: Fleet, cast: Cast) -> None:
    runs = [begin(cast, pause=0.5)]
    workers.until(lambda: Run.objects.filter(state=RunState.RUNNING).exists(), seconds=60)
    workers.kill_broker()
    runs += [begin(cast) for _ in range(3)]
    began = time.monotonic()
    while not all_over():
        assert time.monotonic() < began + 120, workers.last_words()
        a_minute_passes()
    for run in runs:
        nothing_was_done_twice(run, workers.diary, unjournalled=0)
    assert Run.objects.filter(fence=1).count() == len(runs)  # not even the one in flight noticed
    promises_hold()


def a_minute_passes() -> None:
    """For the sweeper: what was published and not heard of is published again."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE runs_run SET published_at = published_at - interval '60 s' WHERE state = 'queued'")
    wire.silent_until = 0.0
    sweep()
    time.sleep(0.5)


def test_three_hundred_queued_runs_outlive_a_broker_that_forgot_everything(workers: Fleet, cast: Cast) -> None:
    assert workers.worker is not None
    os.killpg(workers.worker.pid, signal.SIGSTOP)
    runs = [begin(cast) for _ in range(QUEUED)]
    workers.flush()
    os.killpg(workers.worker.pid, signal.SIGCONT)
    time.sleep(1)
    assert Run.objects.exclude(state=RunState.QUEUED).count() <= 1  # the one message a frozen worker had been handed
    a_minute_passes()
    workers.until(all_over, seconds=90)
    made = workers.diary.calls()
    assert all(made[str(run.pk)] == dict.fromkeys(KEYS, 1) for run in runs)
    assert Run.objects.filter(state=RunState.DONE, fence=1).count() == QUEUED
    promises_hold()
