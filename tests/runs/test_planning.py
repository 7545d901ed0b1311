"""The plan of a run: before its first step, what it may and usually does cost, and what became of that."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from agents.engine import Kind
from agents.fleet.enums import Tier
from agents.fleet.models import Model, PolicyVersion
from agents.flows import catalog
from agents.runs.actions import start_run
from agents.runs.enums import Route, RunState
from agents.runs.execution.drive import drive
from agents.runs.execution.foresight import Past
from agents.runs.execution.planning import _otherwise, expected_path, hopeless
from agents.runs.execution.weighing import weigh
from agents.runs.guards.rules import DOUBTED, SUPERVISION
from agents.runs.models import Run, RunPlan, Step
from agents.runs.queries.spending import in_band, multiplier, spending
from agents.runs.services import services_for
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
    ("slug", "stages"),
    [
        ("account-question", ["retriever", "find", "tools", "look", "write", "publish"]),
        ("plan-execute", ["plan", "next", "execute", "report"]),
        ("negotiation", ["buyer", "seller", "agree"]),
        ("evaluator-optimizer", ["write", "judge", "accept"]),
    ],
)
def test_a_plan_goes_on_behind_a_loop_to_the_end(slug: str, stages: list[str]) -> None:
    assert [node.name for node in expected_path(catalog.recipe(slug).graph)] == stages


@pytest.mark.parametrize(
    ("tokens", "times"),
    [([], None), ([100], None), ([0, 100], None), ([100, 100], 2.0), ([1900, 100], 20.0), ([50, 0, 100], 1.5)],
)
def test_tokens_are_held_against_a_single_call(tokens: list[int], times: float | None) -> None:
    steps = [Step(tokens_in=count, started_at=timezone.now()) for count in tokens]
    assert multiplier(steps) == times


def test_the_band_begins_at_five_dollars() -> None:
    assert (in_band(4_999_999), in_band(5_000_000), in_band(9_000_000)) == (False, True, True)


LIMITS = {"confidence": 0.6, "passed": 0.5, "cost": 1000.0, "time": 30_000.0}


def past(route: Route = Route.AS_USUAL, n: int = 5, **changes: Any) -> list[Past]:
    given: dict[str, Any] = {"at": timezone.now(), "micros": 500, "ms": 2_000.0, "confidence": 0.9, "passed": True}
    return [Past(route=route, **(given | changes)) for _ in range(n)]


@pytest.mark.parametrize(
    ("name", "runs", "lacking", "routes"),
    [
        ("no runs yet", [], "", ["as_usual"]),
        ("all is well", past(), "", ["as_usual"]),
        ("four unsure runs say nothing", past(n=4, confidence=0.1), "", ["as_usual"]),
        ("unsure", past(confidence=0.5), "", ["as_usual", "better_model"]),
        ("unsure eight days ago", past(confidence=0.5, at=timezone.now() - timedelta(days=8)), "", ["as_usual"]),
        ("refused by guardrails", past(passed=False), "", ["as_usual", "better_model"]),
        ("one run that was too dear", past(n=1, micros=1001), "", ["as_usual", "cheaper_model"]),
        ("too slow for its channel", past(ms=30_001.0), "", ["as_usual", "cheaper_model"]),
        ("unsure, but money first", past(micros=2000, confidence=0.1), "", ["as_usual", "cheaper_model"]),
        ("no other model", past(ms=40_000.0), "cheaper_model", ["as_usual", "cheaper_model", "other_route"]),
        (
            "a better model was no better",
            past(confidence=0.5) + past(Route.BETTER_MODEL, confidence=0.55),
            "",
            ["as_usual", "better_model", "other_route"],
        ),
        ("a better model is better", past(confidence=0.5) + past(Route.BETTER_MODEL), "", ["as_usual", "better_model"]),
        (
            "nothing helps",
            past(confidence=0.5) + past(Route.BETTER_MODEL, passed=False),
            "other_route",
            ["as_usual", "better_model", "other_route", "person"],
        ),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)
def test_what_breaks_a_threshold_tries_another_model_then_another_route_then_a_person(
    name: str, runs: list[Past], lacking: str, routes: list[str]
) -> None:
    found = weigh(runs, LIMITS, lambda route: "none" if route == lacking else "")
    assert [one["route"] for one in found] == routes, name


def aged(run: Run, n: int, *, confidence: float = 0.9, seconds: float = 2, **more: Any) -> None:
    """`n` runs of its agent and version that are done, and came out so."""
    end = timezone.now()
    for _ in range(n):
        one = Run.objects.create(
            agent=run.agent,
            flow_version=run.flow_version,
            state=RunState.DONE,
            started_at=end - timedelta(seconds=seconds),
            finished_at=end,
            **more,
        )
        Step.objects.create(run=one, key="sort/1", seq=1, node="sort", kind="router", output={"confidence": confidence})


def test_a_plan_keeps_what_it_was_decided_on_and_what_was_tried_in_which_order(cast: Cast) -> None:
    PolicyVersion.objects.create(
        team=cast.team, number=99, statement="", rules={"channel_seconds": {"chat": 30}, "least_confidence": 0.6}
    )
    for tier in (Tier.CHEAP, Tier.PREMIUM):
        Model.objects.create(team=cast.team, provider="openai", name=tier, tier=tier)
    first = driven(cast, "model")
    aged(first, 6, confidence=0.3)
    run = start_run(cast.agent, actor=None, input={"text": "again", "channel": "chat"})
    drive(run.pk)
    plan = RunPlan.objects.get(run=run)
    signs = {one.pop("sign"): one for one in plan.signals["signs"]}
    assert signs["confidence"] == {"now": pytest.approx(0.3), "limit": 0.6, "broken": True}
    assert (signs["time"]["limit"], signs["time"]["broken"], plan.signals["channel"]) == (30_000, False, "chat")
    assert (plan.route, [one["route"] for one in plan.weighed]) == (
        Route.BETTER_MODEL,
        ["as_usual", "better_model"],
    )


def test_what_takes_longer_than_its_channel_waits_goes_to_a_person_at_once(cast: Cast) -> None:
    PolicyVersion.objects.create(team=cast.team, number=99, statement="", rules={"channel_seconds": {"*": 10}})
    aged(driven(cast, "model"), 6, seconds=60)
    run = start_run(cast.agent, actor=None, input={"text": "again"})
    drive(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert "its channel waits 10 s" in run.exceptions.get().detail
    assert [one["route"] for one in run.plan.weighed] == ["as_usual", "cheaper_model", "other_route", "person"]
    assert run.steps.count() == 0


def test_the_time_that_people_took_is_no_time_of_the_run_s_own(cast: Cast) -> None:
    PolicyVersion.objects.create(team=cast.team, number=99, statement="", rules={"channel_seconds": {"*": 10}})
    aged(driven(cast, "model"), 6, seconds=60)
    for one in Run.objects.filter(state=RunState.DONE, steps__key="sort/1"):
        ends = {"started_at": one.started_at, "finished_at": one.finished_at}
        Step.objects.create(run=one, key="ask/1", seq=2, node="ask", kind="person", **ends)
    run = start_run(cast.agent, actor=None, input={"text": "again"})
    drive(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.DONE


def test_no_plan_is_made_for_a_run_that_has_begun_without_one(cast: Cast) -> None:
    run = started(cast.agent, "model")
    Run.objects.filter(pk=run.pk).update(steps_done=1)
    drive(run.pk)
    assert not RunPlan.objects.filter(run=run).exists()


def test_of_texts_that_were_not_good_enough_a_person_sees_the_next_before_it_leaves(cast: Cast) -> None:
    run = started(cast.agent, "model")
    services = services_for(run)
    plan = RunPlan(run=run, route=Route.PERSON, signals={})
    assert [one.name for one in services.planned(plan).guardrails][-1] == SUPERVISION
    assert DOUBTED not in services.planned(None).guardrails
    plan.signals = {"signs": [{"sign": "confidence", "broken": True}]}
    assert hopeless(plan, run) is None, "only money and time keep a run from beginning"


@pytest.mark.parametrize(
    ("channel", "seconds"), [(None, 60.0), (12_000, 2.0), (600_000, 60.0), (1_000, 1.0)], ids=lambda value: str(value)
)
def test_a_try_takes_no_longer_than_its_channel_can_wait_for_all_of_them(
    cast: Cast, channel: int | None, seconds: float
) -> None:
    plan = RunPlan(route=Route.AS_USUAL, signals={"signs": [{"sign": "time", "limit": channel}]})
    models = services_for(started(cast.agent, "model")).planned(plan).models
    assert models._patience(60.0) == seconds
