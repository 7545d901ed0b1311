"""A model that fails in every way there is: a run ends well or with a person, and nothing unproved is published."""

from typing import Any

import pytest

from agents.runs.enums import RunState
from agents.runs.execution.drive import drive
from agents.runs.invariants import INVARIANTS
from agents.runs.models import Output, Run, RunException, Step
from tests.cast import Cast
from tests.flows.library import Bench, bench_of
from tests.rehearsal.fixtures import Rehearsal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("use_rehearsal")]
QUESTION = "When do refunds arrive on my card?"
WAYS: dict[str, Any] = {
    "rate limited": {"kind": "429"},
    "server error": {"kind": "500"},
    "cut stream": {"kind": "cut_stream", "after": 2},
    "half a body": {"kind": "bad_json", "in": "body"},
    "nothing": {"kind": "empty"},
    "an error as a reply": {"kind": "error_body"},
    "a page of another system": {"kind": "html"},
    "another model": {"kind": "wrong_model"},
}


@pytest.fixture
def bench(cast: Cast, rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Pauses between tries are as short as chance allows."""
    monkeypatch.setattr("agents.engine.model.random.uniform", lambda low, high: low)
    return bench_of(cast, rehearsal)


def carried(bench: Bench, way: Any, times: int) -> Run:
    bench.model.script([way | {"times": times}])
    run = bench.run("triage", QUESTION)
    while run.state == RunState.QUEUED:  # parked: the pause that was asked for is over
        Run.objects.filter(pk=run.pk).update(run_after=None)
        drive(run.pk)
        run.refresh_from_db()
    return run


def promises_hold(run: Run) -> None:
    assert [(name, found) for name, ask in INVARIANTS if (found := ask())] == []
    # A step shows its last try, the run what all of them cost.
    assert run.cost_micros >= sum(Step.objects.filter(run=run).values_list("cost_micros", flat=True))


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_model_that_fails_once_costs_a_try_and_no_answer(bench: Bench, way: Any) -> None:
    run = carried(bench, way, times=1)
    assert run.state == RunState.DONE, run.reason
    [output] = Output.objects.filter(run=run)
    assert (output.pass_record or {})["publishable"] is True
    promises_hold(run)


@pytest.mark.parametrize("way", ["cut stream", "half a body", "another model"])
def test_a_model_that_goes_on_failing_leaves_a_person_and_no_output(bench: Bench, way: str) -> None:
    run = carried(bench, WAYS[way], times=40)
    assert run.state == RunState.WAITING, run.reason
    assert not Output.objects.filter(run=run).exists()
    assert RunException.objects.get(run=run).kind == "handoff"
    tried = Step.objects.filter(run=run, effect="model")
    assert {step.state for step in tried} == {"failed"}
    assert all(step.fault and step.retry_after is None for step in tried)
    promises_hold(run)
