"""What a node is given is looked at before it does anything."""

from dataclasses import replace
from typing import Any

import pytest

from agents.engine import Result, StepFault
from agents.flows.catalog import recipe
from agents.flows.parts import code, flow, model, way
from agents.flows.roles import WRITER
from agents.flows.taking import TAKES, check_given, needing
from agents.runs.models import RunException
from agents.runs.registry import register_flow
from tests.cast import Cast
from tests.flows.library import bench_of
from tests.rehearsal.fixtures import Rehearsal

GRAPH = flow(
    "toy-bad-value",
    "prompt chaining",
    [code("upstream", lambda context: Result(" ")), model(WRITER, "draft", reads=["upstream"]), model(WRITER, "after")],
    [way("upstream", "draft"), way("draft", "after")],
)
BAD = replace(recipe("chaining"), graph=GRAPH, roles=(WRITER,))
register_flow(GRAPH.name, GRAPH.name, BAD.build)


@pytest.mark.django_db
@pytest.mark.usefixtures("use_rehearsal")
def test_a_bad_value_from_upstream_stops_at_the_node_that_cannot_use_it(cast: Cast, rehearsal: Rehearsal) -> None:
    bench = bench_of(cast, rehearsal)
    run = bench.try_it(BAD)
    assert [(step.key, step.state, step.fault) for step in run.steps.order_by("seq")] == [
        ("upstream/1", "confirmed", ""),
        ("draft/1", "failed", "bad_input"),
    ]
    assert (run.state, bench.model.calls()) == ("failed", [])
    assert RunException.objects.get(run=run).evidence["step"] == "draft/1"


@pytest.mark.parametrize("given", [{}, {"a": ""}, {"a": " \n"}, {"a": None}, {"a": []}, {"a": {}}, {"b": "x"}])
def test_nothing_and_what_is_empty_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(StepFault) as raised:
        check_given(needing("a"), given)
    assert (raised.value.kind, raised.value.retryable) == ("bad_input", False)


def test_whatever_says_something_is_taken() -> None:
    check_given(TAKES, {"text": "Hello", "n": 0, "sure": False, "list": [""], "campaign": ""})
    check_given(needing("n"), {"n": 0, "campaign": ""})
