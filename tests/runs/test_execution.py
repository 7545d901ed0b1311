"""Carrying runs out: every step once, across waits, deaths and failures."""

import pytest
from django.conf import LazySettings
from django.db import DataError

from agents.base import faults
from agents.base.context import correlate
from agents.base.faults import Fault
from agents.base.ids import uuid7
from agents.engine import Done, Outcome
from agents.fleet.actions import give_feedback
from agents.fleet.enums import Lifecycle
from agents.runs import hooks
from agents.runs.actions import decide, sweep
from agents.runs.enums import DecisionKind, ExceptionKind, RunState, StepState
from agents.runs.execution import drive as driving
from agents.runs.execution.drive import drive
from agents.runs.execution.finish import finish
from agents.runs.models import Run, RunException, Step
from audit.models import AuditEvent
from audit.queries import search
from tests.cast import Cast
from tests.runs.toys import CALLS, MEANWHILE, asked, item_of, started


def state(run: Run) -> str:
    run.refresh_from_db()
    return run.state


def keys(run: Run) -> list[str]:
    return list(Step.objects.filter(run=run).order_by("seq").values_list("key", flat=True))


def verbs(run: Run) -> list[str]:
    return list(AuditEvent.objects.filter(object_id=run.pk).order_by("seq").values_list("verb", flat=True))


def die(run: Run) -> None:
    """Its worker is gone and the sweeper has noticed."""
    Run.objects.filter(pk=run.pk).update(lease_until="2000-01-01T00:00:00Z")
    sweep()


def test_a_run_is_done_with_its_result_and_every_step(cast: Cast) -> None:
    run = started(cast.agent, "chain", steps=3)
    drive(run.pk)
    assert state(run) == RunState.DONE
    assert keys(run) == ["n0/1", "n1/1", "n2/1"]
    assert (run.result, run.steps_done, run.last_seq, run.attempt) == ({"at": "n2/1"}, 3, 3, 0)
    assert run.finished_at is not None
    assert run.lease_until is None


def test_a_run_leaves_one_event_a_transition_and_none_a_step(cast: Cast) -> None:
    run = started(cast.agent, "chain", steps=3)
    drive(run.pk)
    assert verbs(run) == ["run.queued", "run.claimed", "run.done"]


def test_all_that_happens_in_a_run_is_found_by_its_id(cast: Cast) -> None:
    run = started(cast.agent, "asking")
    drive(run.pk)
    with correlate(uuid7(), "req_1"):
        decide(item_of(run), actor=cast.owner, kind=DecisionKind.RESPOND, note="Yes", idempotency_key="k")
    drive(run.pk)
    found = search(AuditEvent.objects.order_by("seq"), object_id=run.pk)
    assert list(found.values_list("verb", "request_id")) == [
        ("run.queued", ""),
        ("run.claimed", ""),
        ("run.waiting", ""),
        ("exception.raised", ""),
        ("run.answered", "req_1"),
        ("decision.made", "req_1"),
        ("run.claimed", ""),
        ("run.done", ""),
    ]


def test_a_step_keeps_what_went_in_what_came_out_and_why(cast: Cast) -> None:
    run = started(cast.agent, "chain", {"text": "hello"}, steps=2)
    drive(run.pk)
    first, second = Step.objects.filter(run=run).order_by("seq")
    assert (first.input, first.output, first.reason) == ({"input": {"text": "hello"}}, {"at": "n0/1"}, "start")
    assert (second.reason, second.state, second.fence) == ("always", StepState.CONFIRMED, 1)


def test_parallel_branches_are_steps_with_their_branch(cast: Cast) -> None:
    run = started(cast.agent, "wide")
    drive(run.pk)
    assert state(run) == RunState.DONE
    assert set(keys(run)) == {"fan/1", "fan/1/b0", "fan/1/b1", "fan/1/b2", "join/1"}
    branches = Step.objects.filter(run=run, key__startswith="fan/1/b").order_by("key")
    assert [(step.branch, step.node) for step in branches] == [("b0", "left"), ("b1", "middle"), ("b2", "right")]


BOUNDARIES = ["claim.after", "step.before_call", "step.after_call_before_journal", "step.after_journal"]


@pytest.mark.parametrize("point", [*BOUNDARIES, "run.before_finish"])
@pytest.mark.parametrize("nth", [1, 2, 4])
def test_a_run_resumes_where_its_worker_died(cast: Cast, point: str, nth: int) -> None:
    run = started(cast.agent, "chain", steps=4)
    faults.arm(f"{point}:raise:{nth}")
    died = False
    try:
        drive(run.pk)
    except Fault:
        died = True
    faults.arm("")
    done = keys(run)
    if died:
        die(run)
        drive(run.pk)
    assert state(run) == RunState.DONE
    assert keys(run) == ["n0/1", "n1/1", "n2/1", "n3/1"]
    assert [CALLS[key] for key in done] == [1] * len(done)
    assert sum(CALLS.values()) <= 5


def test_a_run_waits_with_one_exception_and_goes_on_from_the_answer(cast: Cast) -> None:
    run = started(cast.agent, "asking")
    drive(run.pk)
    assert state(run) == RunState.WAITING
    assert (asked(run).kind, asked(run).title, asked(run).step_key) == ("question", "May I?", "person/1")
    decide(item_of(run), actor=cast.owner, kind=DecisionKind.RESPOND, note="Yes", idempotency_key="k")
    assert state(run) == RunState.QUEUED
    drive(run.pk)
    assert state(run) == RunState.DONE
    assert Step.objects.get(run=run, key="person/1").output == {"text": "Yes"}
    assert CALLS["before/1"] == CALLS["after/1"] == 1
    assert (run.steps_done, run.last_seq) == (3, 3)


def test_a_worker_that_dies_before_asking_asks_after_its_resurrection(cast: Cast) -> None:
    run = started(cast.agent, "asking")
    faults.arm("run.before_finish:raise")
    with pytest.raises(Fault):
        drive(run.pk)
    die(run)
    drive(run.pk)
    assert state(run) == RunState.WAITING
    assert RunException.objects.filter(run=run).count() == 1


def test_a_failed_node_fails_the_run_and_calls_a_person(cast: Cast) -> None:
    run = started(cast.agent, "broken")
    drive(run.pk)
    assert state(run) == RunState.FAILED
    assert run.reason == "exit_criterion: “bad”: exit criterion not met: it is perfect"
    assert (asked(run).kind, asked(run).cause) == (ExceptionKind.FAILURE, "exit_criterion")
    assert asked(run).evidence == {"step": "bad/1", "reason": "exit_criterion"}


def test_a_defect_of_a_flow_is_a_failure_that_names_it(cast: Cast) -> None:
    run = started(cast.agent, "defect")
    drive(run.pk)
    assert state(run) == RunState.FAILED
    assert "KeyError in call" in run.reason


def test_an_end_that_cannot_be_written_is_a_defect_that_a_person_sees(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_more(run: Run, outcome: Outcome) -> None:
        if isinstance(outcome, Done):
            raise DataError("value out of range")
        finish(run, outcome)

    monkeypatch.setattr(driving, "finish", no_more)
    run = started(cast.agent, "chain")
    drive(run.pk)
    assert (state(run), asked(run).detail) == (RunState.FAILED, "DataError in no_more: value out of range")


def test_a_defect_is_named_though_its_words_are_nothing_postgresql_takes(cast: Cast) -> None:
    def fails() -> None:
        raise ValueError("a\x00b")

    MEANWHILE["n0"] = fails
    run = started(cast.agent, "chain")
    drive(run.pk)
    assert state(run) == RunState.FAILED
    assert run.reason == "defect: ValueError in fails: a�b"
    assert asked(run).detail == "ValueError in fails: a�b"


def test_a_flow_nobody_knows_fails_the_run(cast: Cast) -> None:
    run = started(cast.agent, "chain")
    assert run.flow_version is not None
    run.flow_version.flow.slug = "gone"
    run.flow_version.flow.save()
    drive(run.pk)
    assert state(run) == RunState.FAILED
    assert "gone" in run.reason


def test_an_effect_nobody_saw_end_is_asked_about_and_not_sent_again(cast: Cast) -> None:
    run = started(cast.agent, "effect")
    faults.arm("effect.after_send_before_journal:raise")
    with pytest.raises(Fault):
        drive(run.pk)
    die(run)
    drive(run.pk)
    assert state(run) == RunState.WAITING
    assert asked(run).kind == ExceptionKind.UNKNOWN_EFFECT
    assert Step.objects.get(run=run, key="send/1").state == StepState.UNKNOWN
    payload = {"outcome": "happened", "output": {"id": 7}}
    decide(item_of(run), actor=cast.owner, kind=DecisionKind.RESPOND, payload=payload, idempotency_key="k")
    drive(run.pk)
    assert state(run) == RunState.DONE
    assert CALLS["send/1"] == 1
    assert Step.objects.get(run=run, key="send/1").output == {"id": 7}


def test_a_long_run_gives_others_a_turn_and_goes_on_later(cast: Cast, settings: LazySettings) -> None:
    settings.RUN_YIELD = -1
    run = started(cast.agent, "chain", steps=2)
    drive(run.pk)
    assert (state(run), run.attempt, keys(run)) == (RunState.QUEUED, 0, [])
    settings.RUN_YIELD = 600
    drive(run.pk)
    assert state(run) == RunState.DONE


def test_a_paused_agent_s_runs_are_not_taken(cast: Cast) -> None:
    run = started(cast.agent, "chain")
    cast.agent.lifecycle = Lifecycle.PAUSED
    cast.agent.save()
    drive(run.pk)
    assert state(run) == RunState.QUEUED
    assert not CALLS


def test_an_agent_paused_during_a_run_stops_at_the_next_step(cast: Cast) -> None:
    run = started(cast.agent, "chain", steps=3)

    def pause() -> None:
        type(cast.agent).objects.filter(pk=cast.agent.pk).update(lifecycle=Lifecycle.PAUSED)

    MEANWHILE["n0"] = pause
    drive(run.pk)
    assert (state(run), keys(run)) == (RunState.QUEUED, ["n0/1"])
    type(cast.agent).objects.filter(pk=cast.agent.pk).update(lifecycle=Lifecycle.LIVE)
    drive(run.pk)
    assert (state(run), CALLS["n0/1"]) == (RunState.DONE, 1)


def test_a_run_keeps_what_its_people_had_told_the_agent_however_long_it_waits(cast: Cast) -> None:
    told = give_feedback(cast.agent, "Thank the customer first.", actor=cast.owner)
    run = started(cast.agent, "asking")
    drive(run.pk)
    give_feedback(cast.agent, "Do not thank anybody.", actor=cast.owner)
    decide(item_of(run), actor=cast.owner, kind=DecisionKind.RESPOND, note="Go", idempotency_key="k")
    drive(run.pk)
    assert (state(run), run.instruction) == (RunState.DONE, told)


def test_a_run_that_campaigns_cannot_tell_fails_and_calls_a_person(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def source(run: Run) -> tuple[str, str]:
        raise KeyError("no such wording")

    monkeypatch.setattr(hooks, "context_source", source)
    monkeypatch.setattr(hooks, "context_due", "true")
    run = started(cast.agent, "chain")
    drive(run.pk)
    assert (state(run), CALLS) == (RunState.FAILED, {})
    assert asked(run).detail == "KeyError in source: 'no such wording'"


def test_campaigns_tell_a_run_once_what_to_know(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Run] = []

    def source(run: Run) -> tuple[str, str]:
        asked.append(run)
        return "Ten percent off", "a" * 64

    monkeypatch.setattr(hooks, "context_source", source)
    monkeypatch.setattr(hooks, "context_due", "true")
    run = started(cast.agent, "asking")
    drive(run.pk)
    decide(item_of(run), actor=cast.owner, kind=DecisionKind.RESPOND, note="Go", idempotency_key="k")
    drive(run.pk)
    assert (state(run), run.context_text, run.context_sha256, asked) == ("done", "Ten percent off", "a" * 64, [run])
