"""One worker at a time: claims are unique, and whoever lost the lease writes nothing."""

import threading
import time
from collections import Counter
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from agents.engine import Done, LeaseLost
from agents.fleet.models import Agent
from agents.runs import verbs
from agents.runs.actions import start_run, sweep
from agents.runs.enums import RunState
from agents.runs.execution import lease as heartbeat
from agents.runs.execution.claim import _take, claim
from agents.runs.execution.drive import carry, drive
from agents.runs.execution.finish import finish
from agents.runs.execution.journal import PgJournal
from agents.runs.execution.lease import Heartbeat
from agents.runs.inputs import owed_by
from agents.runs.models import Output, Run, Step
from agents.runs.services.outputs import Outputs
from agents.runs.services.threads import Threads
from agents.runs.transitions import leave
from audit.models import AuditEvent
from tests.cast import Cast, make_cast
from tests.runs.toys import MEANWHILE, equip, started

PAST = "2000-01-01T00:00:00Z"


def lose(run: Run) -> None:
    """The lease ends unnoticed by its holder, and another worker takes the run."""
    Run.objects.filter(pk=run.pk).update(lease_until=PAST)
    sweep()
    assert claim(run.pk) is not None


def refusals(run: Run) -> int:
    return AuditEvent.objects.filter(object_id=run.pk, verb="lease.stale_write_refused").count()


def test_a_run_is_claimed_once(cast: Cast) -> None:
    run = started(cast.agent, "chain")
    first = claim(run.pk)
    assert first is not None
    assert (first.state, first.fence, first.attempt) == (RunState.RUNNING, 1, 1)
    assert claim(run.pk) is None


def test_a_run_that_another_had_since_we_looked_is_left(cast: Cast) -> None:
    seen = Run.objects.select_related("agent").get(pk=started(cast.agent, "chain").pk)
    other = claim(seen.pk)
    assert other is not None
    leave(other, RunState.QUEUED, verbs.RUN_YIELDED)
    assert not _take(seen)


def test_a_run_is_not_claimed_before_its_time(cast: Cast) -> None:
    run = started(cast.agent, "chain")
    Run.objects.filter(pk=run.pk).update(run_after="2999-01-01T00:00:00Z")
    assert claim(run.pk) is None


@pytest.mark.parametrize("turn", range(50))
def test_a_stale_worker_writes_no_step_and_says_so_once(cast: Cast, turn: int) -> None:
    run = started(cast.agent, "chain", steps=3)
    held = claim(run.pk)
    assert held is not None
    MEANWHILE[f"n{turn % 3}"] = lambda: lose(run)
    carry(held)
    assert Step.objects.filter(run=run).count() == turn % 3
    assert refusals(run) == 1
    run.refresh_from_db()
    assert (run.state, run.fence) == (RunState.RUNNING, 2)


def test_a_stale_worker_cannot_finish(cast: Cast) -> None:
    run = started(cast.agent, "chain")
    held = claim(run.pk)
    assert held is not None
    lose(run)
    with pytest.raises(LeaseLost):
        finish(held, Done({"from": "the dead"}))
    run.refresh_from_db()
    assert (run.state, run.result) == (RunState.RUNNING, None)


def test_a_stale_worker_s_failure_is_not_reported(cast: Cast) -> None:
    run = started(cast.agent, "broken")
    held = claim(run.pk)
    assert held is not None
    MEANWHILE["bad"] = lambda: lose(run)
    carry(held)
    assert not run.exceptions.exists()
    assert refusals(run) == 1


@pytest.mark.django_db(transaction=True)
def test_many_workers_take_each_run_once_though_they_are_woken_for_another() -> None:
    """Every second one has an SLA, the later ones the shorter."""
    agent = make_cast().agent
    equip(agent, "chain")
    owed = [owed_by(30 - number) if number % 2 else None for number in range(30)]
    runs = [start_run(agent, actor=None, input={}, answer_by=one).pk for one in owed]
    taken: list[object] = []

    def worker() -> None:
        try:
            for pk in runs:
                while run := claim(pk):
                    taken.append(run.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=worker) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(taken) == Counter(runs)


@pytest.mark.django_db(transaction=True)
def test_the_heartbeat_keeps_the_lease_of_a_long_call(monkeypatch: pytest.MonkeyPatch) -> None:
    run = started(make_cast().agent, "chain", steps=1)

    ends: list[Any] = []

    def lease() -> Any:
        return Run.objects.values_list("lease_until", flat=True).get(pk=run.pk)

    def long_call() -> None:
        ends.append(lease())
        end = time.monotonic() + 60
        while lease() == ends[0] and time.monotonic() < end:
            time.sleep(0.02)
        ends.append(lease())
        sweep()

    MEANWHILE["n0"] = long_call
    monkeypatch.setattr(heartbeat, "FIRST_S", 0.2)
    drive(run.pk)
    assert ends[0] < ends[1]
    run.refresh_from_db()
    assert (run.state, run.fence) == (RunState.DONE, 1)


@pytest.mark.django_db(transaction=True)
def test_the_heartbeat_outlives_whatever_goes_wrong_beside_the_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    held = claim(started(make_cast().agent, "chain").pk)
    assert held is not None

    def look(agent: Agent) -> None:
        raise LookupError("the agent is gone")

    monkeypatch.setattr(heartbeat, "look", look)
    Heartbeat(PgJournal(held)).beat(first=True)


def test_the_heartbeat_of_who_lost_the_run_renews_nothing(cast: Cast) -> None:
    held = claim(started(cast.agent, "chain").pk)
    assert held is not None
    lose(held)
    before = Run.objects.filter(pk=held.pk).values_list("lease_until", flat=True)
    Run.objects.update(lease_until=PAST)
    ended = before.get()
    Heartbeat(PgJournal(held)).beat()
    assert before.get() == ended


def test_the_heartbeat_counts_no_step_back_and_beats_no_more_once_its_run_is_over(cast: Cast) -> None:
    held = claim(started(cast.agent, "chain").pk)
    assert held
    Run.objects.update(steps_done=5)
    heart = Heartbeat(PgJournal(held))
    heart.beat()
    assert Run.objects.values_list("steps_done", flat=True).get() == 5
    with heart:
        pass
    heart.due = 0.0
    heart.beat_if_due()
    assert (heart.beats, heart in heart.pulse.hearts) == (0, False)


@pytest.mark.django_db(transaction=True)
def test_the_heartbeat_hears_what_a_person_wants() -> None:
    run = started(make_cast().agent, "chain")
    held = claim(run.pk)
    assert held is not None
    journal = PgJournal(held)
    Run.objects.filter(pk=run.pk).update(signal="cancel")
    Heartbeat(journal).beat()
    assert journal.signal() == "cancel"


def test_whose_lease_ended_publishes_nothing_though_nobody_has_the_run_yet(cast: Cast) -> None:
    held = claim(started(cast.agent, "chain").pk)
    assert held
    Run.objects.update(lease_until=PAST)
    sweep()
    assert Run.objects.values_list("state", "fence").get() == (RunState.QUEUED, held.fence)
    with pytest.raises(LeaseLost):
        Outputs(held, Threads()).publish("send/1", kind="reply", content="Hi", pass_record={"released_by": "person"})
    assert not Output.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_nobody_takes_a_run_over_while_it_publishes() -> None:
    run = claim(started(make_cast().agent, "chain").pk)
    assert run
    refused: list[OperationalError] = []

    def take_over() -> None:
        try:
            with transaction.atomic():
                Run.objects.select_for_update(no_key=True, nowait=True).get(pk=run.pk)
        except OperationalError as error:
            refused.append(error)
        finally:
            connection.close()

    with transaction.atomic():
        Outputs(run, Threads()).publish("send/1", kind="reply", content="Hello", pass_record={"released_by": "person"})
        thread = threading.Thread(target=take_over)
        thread.start()
        thread.join()
    assert len(refused) == 1
