"""The plan of a run: before its first step, what it may and usually does cost, and what became of that."""

from typing import Any

import pytest
from django.utils import timezone

from agents.engine import Kind
from agents.flows import catalog
from agents.runs.actions import start_run
from agents.runs.enums import RunState
from agents.runs.execution.drive import drive
from agents.runs.execution.planning import _otherwise, expected_path
from agents.runs.models import Run, RunPlan, Step
from agents.runs.queries.spending import in_band, multiplier, spending
from tests.cast import Cast
from tests.runs.toys import CALLS, MEANWHILE, started

pytestmark = pytest.mark.django_db


def driven(cast: Cast, flow: str, **more: Any) -> Run:
    run = started(cast.agent, flow, **more)
    drive(run.pk)
    run.refresh_from_db()
    return run


def test_the_plan_is_there_before_the_first_step(cast: Cast) -> None:
    seen: list[tuple[int, int]] = []
    MEANWHILE.clear()
    MEANWHILE["think"] = lambda: seen.append((RunPlan.objects.count(), Step.objects.filter(state="confirmed").count()))
    try:
        run = driven(cast, "model")
    finally:
        MEANWHILE.clear()
    assert seen == [(1, 0)]
    plan = run.plan
    assert [stage["node"] for stage in plan.stages] == ["think"]
    assert plan.stages[0] | {"reads": ["input"], "most_micros": 100, "supervised": False} == plan.stages[0]
    assert (plan.most_micros, plan.projected_micros, plan.basis) == (100, None, 0)


def test_the_plan_says_in_order_what_is_tried_when_a_stage_falls_short() -> None:
    graph = catalog.recipe("triage").graph
    told = {node.name: _otherwise(node, graph) for node in expected_path(graph)}
    assert told["generate"] == ["another model", "escalate"]
    assert told["verify"] == ["generate", "retrieve", "escalate"]


def test_a_flow_that_asks_no_model_needs_no_plan(cast: Cast) -> None:
    driven(cast, "chain")
    assert not RunPlan.objects.exists()


def test_a_projection_is_the_mean_of_the_runs_before_and_the_error_is_told_at_the_end(cast: Cast) -> None:
    first = driven(cast, "model")
    Run.objects.filter(pk=first.pk).update(cost_micros=300)
    second = start_run(cast.agent, actor=None, input={"text": "again"})
    other = Run.objects.create(agent=cast.agent, flow_version=first.flow_version, state=RunState.FAILED)
    Run.objects.filter(pk=other.pk).update(cost_micros=9_000_000)
    drive(second.pk)
    second.refresh_from_db()
    second.cost_micros = 450
    found = spending(second, [])
    assert found.plan is not None
    assert (found.plan.projected_micros, found.plan.basis, found.percent_off) == (300, 1, 50)


def test_what_usually_costs_more_than_it_may_is_not_begun(cast: Cast) -> None:
    first = driven(cast, "model")
    Run.objects.filter(pk=first.pk).update(cost_micros=10**12)
    CALLS.clear()
    run = start_run(cast.agent, actor=None, input={"text": "again"})
    drive(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert "Such a run has cost 1000000.000000 USD lately" in run.exceptions.get().detail + run.reason
    assert (run.steps.count(), sum(CALLS.values())) == (0, 0)


def test_every_flow_of_the_library_has_a_way_from_start_to_end() -> None:
    for recipe in catalog.LIBRARY:
        path = expected_path(recipe.graph)
        assert path[0].name == recipe.graph.start
        assert len({node.name for node in path}) == len(path)
    triage = [node.name for node in expected_path(catalog.TRIAGE.graph)]
    assert triage == ["classify", "retrieve", "generate", "verify", "publish"]
    assert all(node.kind is not Kind.PERSON for node in expected_path(catalog.TRIAGE.graph))


@pytest.mark.parametrize(
    ("tokens", "times"),
    [([], None), ([100], None), ([0, 100], None), ([100, 100], 2.0), ([1900, 100], 20.0), ([50, 0, 100], 1.5)],
)
def test_tokens_are_held_against_a_single_call(tokens: list[int], times: float | None) -> None:
    steps = [Step(tokens_in=count, started_at=timezone.now()) for count in tokens]
    assert multiplier(steps) == times


def test_the_band_begins_at_five_dollars() -> None:
    assert (in_band(4_999_999), in_band(5_000_000), in_band(9_000_000)) == (False, True, True)
