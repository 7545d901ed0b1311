"""Handing over to a person: refused without the four-part briefing where the sender can still be told, never lost."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.connectors.ingest import take_runs
from agents.engine import Question, Waiting
from agents.runs.briefings import PARTS, missing, told
from agents.runs.enums import ExceptionKind, RunState
from agents.runs.execution import finish as finishing
from agents.runs.models import Run, RunException
from tests.api.conftest import Machine, MakeMachine, machine
from tests.cast import Cast
from tests.ingest.documents import a_run

__all__ = ["machine"]
WHOLE = {"wants": "A refund", "tried": "Looked it up", "why": "Above its limit", "suggested": "Approve it"}


def handing_over(**more: Any) -> dict[str, Any]:
    return a_run(asks=[{"id": "A-1", "kind": "handoff", "title": "Wants a person", **more}])


@given(st.sets(st.sampled_from(PARTS)), st.sampled_from(["", "  ", "\n"]))
def test_a_part_that_is_blank_is_missing(blank: set[str], nothing: str) -> None:
    assert set(missing({part: nothing if part in blank else "x" for part in PARTS})) == blank


def test_the_briefing_is_told_part_by_part() -> None:
    said = told(WHOLE)
    assert [said.index(text) for text in WHOLE.values()] == sorted(said.index(text) for text in WHOLE.values())


@pytest.mark.django_db
@pytest.mark.parametrize("part", PARTS)
def test_the_api_refuses_a_handoff_that_lacks_a_part(machine: MakeMachine, cast: Cast, part: str) -> None:
    briefing = {name: text for name, text in WHOLE.items() if name != part}
    status, problem = _report(machine("owner"), cast, handing_over(briefing=briefing))
    assert (status, problem["code"]) == (422, "bad_run")
    assert part in json.dumps(problem["fields"])
    assert not Run.objects.exists()


@pytest.mark.django_db
def test_the_api_refuses_a_handoff_without_a_briefing(machine: MakeMachine, cast: Cast) -> None:
    status, problem = _report(machine("owner"), cast, handing_over())
    assert status == 422
    assert "asks.0.briefing" in json.dumps(problem["fields"])
    assert _report(machine("owner"), cast, handing_over(briefing={**WHOLE, "why": " "}))[0] == 422


@pytest.mark.django_db
def test_the_api_takes_a_handoff_with_all_four(machine: MakeMachine, cast: Cast) -> None:
    assert _report(machine("owner"), cast, handing_over(briefing=WHOLE, detail="In her own words"))[0] == 201
    exception = RunException.objects.get()
    assert exception.kind == ExceptionKind.HANDOFF
    for text in (*WHOLE.values(), "In her own words"):
        assert text in exception.detail


def _report(caller: Machine, cast: Cast, run: dict[str, Any]) -> tuple[int, Any]:
    return caller.post("/runs", {"agent": cast.agent.slug, **run})


@pytest.mark.django_db
def test_what_was_acknowledged_is_briefed_from_its_run(cast: Cast) -> None:
    run = handing_over(detail="She is upset") | {"input": {"text": "Where is it?"}, "steps": [{"name": "look_up"}]}
    take_runs(cast.agent, [run], source="hook")
    exception = RunException.objects.get()
    assert exception.kind == ExceptionKind.HANDOFF
    for text in ("Where is it?", "look_up", "Wants a person", "She is upset"):
        assert text in exception.detail


@pytest.mark.django_db
def test_of_which_too_little_is_known_is_a_failure_of_its_agent_and_not_lost(cast: Cast) -> None:
    take_runs(cast.agent, [handing_over(detail="Call me") | {"input": None, "title": "", "steps": []}], source="hook")
    exception = RunException.objects.get()
    assert (exception.kind, exception.cause) == (ExceptionKind.FAILURE, "no_briefing")
    assert "missing: what the customer wants, what was tried" in exception.detail
    assert "Call me" in exception.detail


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("briefing", "kind"), [(WHOLE, "handoff"), ({**WHOLE, "tried": " "}, "failure"), ({}, "failure")]
)
def test_a_flow_that_hands_over_without_a_briefing_is_refused(cast: Cast, briefing: dict[str, str], kind: str) -> None:
    run = Run.objects.create(agent=cast.agent, state=RunState.RUNNING, lease_until="2099-01-01T00:00Z")
    question = Question(reason="handoff", title="Take over", briefing=briefing, key="ask/1")
    finishing.settle(Waiting(question), run)
    exception = RunException.objects.get()
    assert (exception.kind, exception.step_key) == (kind, "ask/1")
    assert (exception.cause == "no_briefing") == (kind == "failure")
