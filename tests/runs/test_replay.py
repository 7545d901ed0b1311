"""A run walked again on its recorded results: nothing is called, and what would differ today is said."""

from dataclasses import replace
from typing import Any

import pytest

from agents.base.errors import Invalid
from agents.engine import ALWAYS, Criterion, Edge, Graph
from agents.runs.actions import decide
from agents.runs.enums import DecisionKind, RunState
from agents.runs.execution.drive import drive
from agents.runs.models import Run, Step
from agents.runs.registry import FlowContext, register_flow
from agents.runs.replay import Difference, replayed
from audit.models import AuditEvent
from tests.cast import Cast
from tests.runs import toys
from tests.runs.toys import equip, item_of, started

TODAY: dict[str, Graph] = {}
"""The graph of the flow "toy-today", which a test changes under a run."""


def today(context: FlowContext) -> Graph:
    return TODAY["graph"]


register_flow("toy-today", "today", today)


def graph(*names: str, **changes: Any) -> Graph:
    """The nodes one after another, each reading the one before."""
    nodes = [replace(toys.step(name), reads=(*names[place - 1 : place], "input")) for place, name in enumerate(names)]
    return replace(toys.line("toy-today", *nodes), **changes)


def walked(cast: Cast, toy: str, **settings: Any) -> Run:
    """A run of the toy, as far as it goes, and nothing counted since."""
    run = started(cast.agent, toy, **settings)
    drive(run.pk)
    run.refresh_from_db()
    toys.CALLS.clear()
    return run


def of_today(cast: Cast, *names: str) -> Run:
    TODAY["graph"] = graph(*names)
    run = walked(cast, "today")
    version = run.flow_version
    assert version
    version.graph = TODAY["graph"].describe()
    version.save()
    return run


@pytest.mark.parametrize(("toy", "steps"), [("chain", 3), ("effect", 3), ("broken", 1), ("model", 1)])
def test_a_run_comes_out_the_same_without_a_call_or_a_write(cast: Cast, toy: str, steps: int) -> None:
    run = walked(cast, toy)
    before = list(Step.objects.values()), AuditEvent.objects.count()
    found = replayed(run)
    assert (found.steps, found.differences, found.stopped_at) == (steps, [], "")
    assert not toys.CALLS
    assert (list(Step.objects.values()), AuditEvent.objects.count()) == before


@pytest.mark.django_db(transaction=True)
def test_a_parallel_set_is_walked_again_and_comes_to_the_same(cast: Cast) -> None:
    found = replayed(walked(cast, "wide"))
    assert (found.steps, found.same) == (5, True)
    assert not toys.CALLS


def test_a_run_that_waits_stops_where_it_waits_and_a_recorded_answer_counts(cast: Cast) -> None:
    run = walked(cast, "asking")
    assert (replayed(run).same, replayed(run).stopped_at) == (True, "person/1")
    decide(item_of(run), actor=cast.owner, kind=DecisionKind.RESPOND, note="Yes", idempotency_key="k")
    drive(run.pk)
    run.refresh_from_db()
    assert (run.state, replayed(run).steps, replayed(run).differences) == (RunState.DONE, 3, [])


def test_a_defect_stops_where_no_result_was_recorded(cast: Cast) -> None:
    found = replayed(walked(cast, "defect"))
    assert (found.steps, found.same, found.stopped_at) == (0, True, "bad/1")


def test_a_step_that_would_read_something_else_today_is_a_difference_and_the_walk_goes_on(cast: Cast) -> None:
    run = of_today(cast, "one", "two", "three")
    nodes = TODAY["graph"].nodes
    TODAY["graph"] = replace(TODAY["graph"], nodes=(nodes[0], replace(nodes[1], reads=("input",)), nodes[2]))
    found = replayed(run)
    assert [(one.what, one.key) for one in found.differences] == [("flow", "two"), ("input", "two/1")]
    assert (found.steps, found.stopped_at) == (3, "")


def test_another_way_says_what_is_skipped_what_would_be_made_and_that_the_end_is_open(cast: Cast) -> None:
    run = of_today(cast, "one", "two", "three")
    other = replace(toys.step("other"), name="other")
    ways = (
        Edge(source="one", target="other", criterion=ALWAYS),
        Edge(source="other", target="two", criterion=ALWAYS),
        Edge(source="two", target="three", criterion=ALWAYS),
    )
    TODAY["graph"] = replace(TODAY["graph"], nodes=(*TODAY["graph"].nodes, other), edges=ways)
    found = replayed(run)
    assert [(one.what, one.key) for one in found.differences] == [
        ("flow", "other"),
        ("skipped", "two/1"),
        ("skipped", "three/1"),
        ("new", "other/1"),
    ]
    assert (found.steps, found.stopped_at) == (1, "other/1")


def test_a_shorter_flow_comes_to_another_end(cast: Cast) -> None:
    run = of_today(cast, "one", "two")
    TODAY["graph"] = graph("one")
    found = replayed(run)
    assert found.differences[-1] == Difference(
        "end",
        "",
        {"state": "done", "result": {"at": "two/1"}, "reason": ""},
        {"state": "done", "result": {"at": "one/1"}},
    )


def test_a_flow_that_cannot_read_what_was_recorded_ends_there(cast: Cast) -> None:
    run = of_today(cast, "one", "two")
    by_word = Criterion("it says so", lambda state: bool(state["one"]["word"]))
    ways = (Edge(source="one", target="two", criterion=by_word),)
    TODAY["graph"] = replace(TODAY["graph"], edges=ways)
    found = replayed(run)
    assert [one.what for one in found.differences] == ["skipped", "end"]
    assert found.differences[-1].now == {"state": "failed", "reason": "defect: KeyError: 'word'"}


@pytest.mark.parametrize("case", ["reported", "unknown"])
def test_what_cannot_be_walked_again_is_refused_in_words(cast: Cast, case: str) -> None:
    equip(cast.agent, "chain")
    version = cast.agent.assignment.flow_version
    run = Run(agent=cast.agent, flow_version=version, source="api" if case == "reported" else "")
    if case == "unknown":
        version.flow.slug = "long-gone"
    with pytest.raises(Invalid, match="there is no flow here" if case == "reported" else "no longer shipped"):
        replayed(run)
