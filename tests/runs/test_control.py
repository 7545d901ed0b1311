"""What a person does with a run: pause, resume, cancel, release."""

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import LazySettings

from agents.base import faults
from agents.base.errors import Conflict, NotAllowed
from agents.base.faults import Fault
from agents.engine import Signal, Stopped
from agents.fleet.actions import retire_agent
from agents.runs.actions import cancel_run, decide, pause_run, release_quarantine, resume_run, sweep
from agents.runs.enums import DecisionKind, ExceptionState, RunState
from agents.runs.execution.claim import claim
from agents.runs.execution.drive import carry, drive
from agents.runs.execution.finish import finish
from agents.runs.execution.journal import PgJournal
from agents.runs.models import Run, RunException
from tests.cast import Cast
from tests.runs.test_execution import keys, state, verbs
from tests.runs.toys import CALLS, MEANWHILE, asked, item_of, started

PAST = "2000-01-01T00:00:00Z"


def test_a_queued_run_pauses_at_once_and_is_not_taken(cast: Cast) -> None:
    run = started(cast.agent, "chain")
    assert pause_run(run, actor=cast.backup).is_paused
    drive(run.pk)
    assert (state(run), CALLS) == (RunState.QUEUED, {})


def test_a_paused_run_goes_on_when_resumed(cast: Cast) -> None:
    run = pause_run(started(cast.agent, "chain"), actor=cast.owner)
    assert not resume_run(run, actor=cast.owner).is_paused
    drive(run.pk)
    assert state(run) == RunState.DONE
    assert verbs(run)[1:3] == ["run.paused", "run.resumed"]


def test_a_running_run_pauses_at_its_next_step(cast: Cast) -> None:
    run = started(cast.agent, "chain", steps=3)
    MEANWHILE["n1"] = lambda: pause_run(run, actor=cast.owner)
    drive(run.pk)
    assert (state(run), keys(run), run.is_paused) == (RunState.QUEUED, ["n0/1", "n1/1"], True)
    resume_run(run, actor=cast.owner)
    drive(run.pk)
    assert (state(run), CALLS["n0/1"]) == (RunState.DONE, 1)


def test_a_pause_taken_back_in_time_changes_nothing(cast: Cast) -> None:
    run = started(cast.agent, "chain", steps=3)

    def waver() -> None:
        pause_run(run, actor=cast.owner)
        resume_run(run, actor=cast.owner)

    MEANWHILE["n1"] = waver
    drive(run.pk)
    assert state(run) == RunState.DONE


def test_a_waiting_run_that_is_paused_stays_put_after_its_answer(cast: Cast) -> None:
    run = started(cast.agent, "asking")
    drive(run.pk)
    pause_run(run, actor=cast.owner)
    decide(item_of(run), actor=cast.owner, kind=DecisionKind.RESPOND, note="Yes", idempotency_key="k")
    drive(run.pk)
    assert (state(run), run.is_paused) == (RunState.QUEUED, True)
    resume_run(run, actor=cast.owner)
    drive(run.pk)
    assert state(run) == RunState.DONE


def test_a_queued_run_is_cancelled_at_once(cast: Cast) -> None:
    run = started(cast.agent, "chain")
    cancel_run(run, actor=cast.owner, reason="a duplicate")
    drive(run.pk)
    assert (state(run), run.reason, CALLS) == (RunState.CANCELLED, "a duplicate", {})
    assert run.finished_at is not None


def test_a_running_run_is_cancelled_at_its_next_step(cast: Cast) -> None:
    run = started(cast.agent, "chain", steps=3)
    MEANWHILE["n0"] = lambda: cancel_run(run, actor=cast.owner)
    drive(run.pk)
    assert (state(run), keys(run), run.signal) == (RunState.CANCELLED, ["n0/1"], "")
    assert verbs(run) == ["run.queued", "run.claimed", "run.cancel_asked", "run.cancelled"]


def test_what_a_person_wants_goes_before_the_turn_of_others(cast: Cast, settings: LazySettings) -> None:
    held = claim(started(cast.agent, "chain").pk)
    assert held
    settings.RUN_YIELD = -1
    journal = PgJournal(held)
    assert journal.signal() == Signal.YIELD
    journal.hear("cancel", "live")
    assert journal.signal() == Signal.CANCEL


def test_a_run_cancelled_in_its_last_step_before_a_person_asks_nobody(cast: Cast) -> None:
    run = started(cast.agent, "asking")
    MEANWHILE["before"] = lambda: cancel_run(run, actor=cast.owner)
    drive(run.pk)
    assert (state(run), run.signal) == (RunState.CANCELLED, "")
    assert not RunException.objects.filter(run=run).exists()


def test_a_run_cancelled_while_it_gives_itself_back_does_not_stay_in_the_queue(cast: Cast) -> None:
    run = started(cast.agent, "chain")
    held = claim(run.pk)
    assert held is not None
    cancel_run(run, actor=cast.owner)
    finish(held, Stopped("retry", 15.0))
    assert (state(run), run.signal) == (RunState.CANCELLED, "")


def test_who_asked_to_stop_is_not_overruled_by_who_asks_to_pause(cast: Cast) -> None:
    run = started(cast.agent, "chain")
    held = claim(run.pk)
    assert held is not None
    cancel_run(run, actor=cast.owner)
    with pytest.raises(Conflict):
        pause_run(run, actor=cast.second)
    carry(held)
    assert state(run) == RunState.CANCELLED


def test_a_cancelled_run_asks_nobody_any_more(cast: Cast) -> None:
    run = started(cast.agent, "asking")
    drive(run.pk)
    item = item_of(run)
    cancel_run(run, actor=cast.owner)
    item.refresh_from_db()
    assert (state(run), item.state) == (RunState.CANCELLED, "decided")
    assert RunException.objects.get(run=run).state == ExceptionState.RESOLVED


def test_a_run_whose_worker_died_is_cancelled_by_the_sweep(cast: Cast) -> None:
    run = started(cast.agent, "chain")
    assert claim(run.pk)
    cancel_run(run, actor=cast.owner)
    Run.objects.filter(pk=run.pk).update(lease_until=PAST)
    sweep()
    assert state(run) == RunState.CANCELLED


def test_a_finished_run_is_neither_paused_nor_cancelled(cast: Cast) -> None:
    run = started(cast.agent, "chain")
    drive(run.pk)
    for act in (pause_run, cancel_run):
        with pytest.raises(Conflict):
            act(run, actor=cast.owner)
    with pytest.raises(Conflict):
        resume_run(run, actor=cast.owner)


@pytest.mark.parametrize("who", ["trainee", "manager", "auditor", "engineer", "rival"])
def test_only_who_may_pause_the_agent_steers_its_runs(cast: Cast, who: str) -> None:
    run = started(cast.agent, "chain")
    for act in (pause_run, resume_run, cancel_run):
        with pytest.raises(NotAllowed):
            act(run, actor=getattr(cast, who))


def test_what_a_retired_agent_had_to_do_ends_and_asks_nobody(cast: Cast) -> None:
    waiting, queued = started(cast.agent, "asking"), started(cast.agent, "chain")
    drive(waiting.pk)
    retire_agent(cast.agent, actor=cast.chief)
    sweep()
    assert {state(waiting), state(queued)} == {RunState.CANCELLED}
    assert RunException.objects.get(run=waiting).state == ExceptionState.RESOLVED


def quarantined(cast: Cast) -> Run:
    run = started(cast.agent, "chain")
    for _death in range(3):
        assert claim(run.pk)
        Run.objects.filter(pk=run.pk).update(lease_until=PAST)
        sweep()
    return run


def test_a_run_is_quarantined_at_the_third_death_and_calls_a_person(cast: Cast) -> None:
    run = quarantined(cast)
    assert (state(run), run.attempt) == (RunState.QUARANTINED, 3)
    assert (asked(run).kind, asked(run).severity, asked(run).evidence["deaths"]) == ("quarantine", "high", 3)
    assert claim(run.pk) is None


def test_a_committed_step_forgives_earlier_deaths(cast: Cast) -> None:
    run = started(cast.agent, "chain", steps=2)
    for _death in range(2):
        assert claim(run.pk)
        Run.objects.filter(pk=run.pk).update(lease_until=PAST)
        sweep()
    assert state(run) == RunState.QUEUED
    drive(run.pk)
    assert (state(run), run.attempt, run.fence) == (RunState.DONE, 0, 3)


def test_a_claim_that_ended_a_step_before_its_worker_died_forgives_them_too(cast: Cast) -> None:
    run = started(cast.agent, "chain", steps=2)
    for _death in range(2):
        assert claim(run.pk)
        Run.objects.filter(pk=run.pk).update(lease_until=PAST)
        sweep()
    faults.arm("step.before_call:raise:2")
    with pytest.raises(Fault):
        drive(run.pk)
    Run.objects.filter(pk=run.pk).update(lease_until=PAST)
    sweep()
    assert (state(run), run.attempt, run.steps_done) == (RunState.QUEUED, 0, 1)


def test_an_announced_step_forgives_nothing(cast: Cast) -> None:
    run = started(cast.agent, "model")
    for _death in range(3):
        held = claim(run.pk)
        assert held is not None
        MEANWHILE["think"] = lambda: Run.objects.filter(pk=run.pk).update(lease_until=PAST, fence=99)
        carry(held)
        Run.objects.filter(pk=run.pk).update(fence=held.fence)
        sweep()
    assert state(run) == RunState.QUARANTINED


def test_a_released_run_has_three_more_attempts(cast: Cast) -> None:
    run = release_quarantine(quarantined(cast), actor=cast.second)
    assert state(run) == RunState.QUEUED
    assert RunException.objects.get(run=run).state == ExceptionState.RESOLVED
    drive(run.pk)
    assert state(run) == RunState.DONE


def test_only_a_quarantined_run_is_released(cast: Cast) -> None:
    with pytest.raises(Conflict):
        release_quarantine(started(cast.agent, "chain"), actor=cast.owner)


def test_a_run_that_fails_in_the_step_in_which_it_was_cancelled_has_failed(cast: Cast) -> None:
    run = started(cast.agent, "broken")
    MEANWHILE["bad"] = lambda: cancel_run(run, actor=cast.owner)
    drive(run.pk)
    assert (state(run), asked(run).kind) == (RunState.FAILED, "failure")


def test_a_call_that_takes_longer_than_a_task_may_fails_by_that_name(cast: Cast) -> None:
    run = started(cast.agent, "chain")

    def too_long() -> None:
        raise SoftTimeLimitExceeded

    MEANWHILE["n1"] = too_long
    drive(run.pk)
    assert Run.objects.get(pk=run.pk).reason == "time_limit: One call took longer than a task may"
