"""What is tried when a threshold breaks: another model, another route of the flow, then a person (R-060, R-172)."""

import datetime as dt
from typing import Any

import pytest

from agents.base.errors import Invalid
from agents.fleet.enums import Tier
from agents.fleet.models import Model, PolicyVersion, Price
from agents.flows.assigning import assign_flow
from agents.flows.catalog import LIBRARY, recipe
from agents.flows.otherwise import alternatives
from agents.runs.actions import start_run
from agents.runs.enums import DecisionKind, Route, RunState
from agents.runs.models import Run, RunException, RunPlan
from agents.runs.replay import replayed
from tests.cast import Cast
from tests.flows.library import Bench, bench_of, classified, finding, keys, step
from tests.pages.conftest import SignIn, sign_in
from tests.rehearsal.fixtures import Rehearsal

__all__ = ["sign_in"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("use_rehearsal")]
LEAD = "Does a refund arrive by Monday? 40 sites ask."
ANSWERED = "Refunds arrive within 5 to 10 working days on the card that paid. [p1]"
SCORED = {"score": 0.6, "heat": "hot", "finding": "It is so."}
NO_SCOUT = {"token_limits": [{"agent": "*", "role": "scout", "most": 100}]}
"""Fewer tokens than its own instructions take: it always fails."""


@pytest.fixture
def bench(cast: Cast, rehearsal: Rehearsal) -> Bench:
    return bench_of(cast, rehearsal)


def rules(bench: Bench, said: dict[str, Any]) -> None:
    PolicyVersion.objects.create(team=bench.agent.team, number=99, statement="", rules=said)


def priced(bench: Bench, name: str, tier: Tier, micros: int) -> Model:
    row = Model.objects.create(team=bench.agent.team, name=name, provider="openai", tier=tier, is_rehearsal=True)
    Price.objects.create(model=row, input_micros=micros, output_micros=micros, since=dt.date(2025, 1, 1))
    return row


def test_a_stage_whose_model_fails_is_done_another_way_without_one(bench: Bench) -> None:
    rules(bench, NO_SCOUT)
    bench.says(finding("yes"))
    run = bench.run("lead-validation", LEAD)
    assert run.state == RunState.DONE, run.reason
    assert keys(run) == ["triage/1", "enrich/1", "resolve/1", "points/1", "settle/1"]
    assert run.result == {"score": 0.8, "heat": "hot", "finding": "counted without a model: 8 of 10 points"}
    told = {stage["node"]: stage["otherwise"] for stage in RunPlan.objects.get(run=run).stages}
    assert told["resolve"] == ["another model", "points", "escalate"], "in the order in which they are tried"


def test_where_the_other_route_does_not_decide_either_a_person_does(bench: Bench) -> None:
    rules(bench, NO_SCOUT)
    bench.says(finding("unclear"))
    run = bench.run("lead-validation", LEAD)
    assert keys(run)[-2:] == ["points/1", "escalate/1"]
    assert RunException.objects.get(run=run).state == "open"


def test_a_model_that_may_cost_too_much_is_followed_by_a_cheaper_one(bench: Bench) -> None:
    Model.objects.all().delete()
    priced(bench, "huge", Tier.STANDARD, 10**9)
    priced(bench, "small", Tier.CHEAP, 1)
    rules(bench, {"model_rules": [{"role": "*", "tier": "standard"}]})
    bench.says(finding("no"))
    run = bench.run("lead-validation", LEAD)
    asked = step(run, "triage/1")
    assert (run.state, asked.model) == (RunState.DONE, "small")
    assert "instead of huge, which failed: cost_limit" in asked.reason


def test_a_run_planned_for_the_other_route_takes_it_and_replays_alike(
    bench: Bench, cast: Cast, sign_in: SignIn
) -> None:
    Model.objects.exclude(tier=Tier.CHEAP).delete()
    bench.says(finding("yes"), SCORED)
    first = bench.run("lead-validation", LEAD)
    Run.objects.filter(pk=first.pk).update(cost_micros=10**12)
    bench.says(finding("yes"))
    run = bench.run("lead-validation", LEAD)
    assert keys(run) == ["triage/1", "enrich/1", "points/1", "settle/1"]
    plan = RunPlan.objects.get(run=run)
    assert [one["route"] for one in plan.weighed] == [Route.AS_USUAL, Route.CHEAPER_MODEL, Route.OTHER_ROUTE]
    assert replayed(run).same
    page = sign_in(cast.owner).get(f"/runs/{run.pk}/").content.decode()
    decided = page[page.index('id="run-route"') :]
    assert "Decided before it began: Another route" in decided
    assert decided.index("there is no other model") < decided.index("what is left to try")
    assert "breaks its limit" in decided


def test_a_version_declares_another_flow_that_runs_take_whose_plan_wants_another_route(
    bench: Bench, cast: Cast, sign_in: SignIn
) -> None:
    Model.objects.exclude(tier=Tier.CHEAP).delete()
    version = assign_flow(bench.agent, recipe("triage"), actor=cast.owner, otherwise="gate").flow_version
    assert (version.number, version.settings["otherwise"], version.settings["confidence"]) == (2, "gate", 0.4)
    bench.says(classified(), {"kind": "reply", "text": ANSWERED})
    ticket = {"text": "How many working days until refunds arrive?"}
    first = bench.go_on(start_run(bench.agent, actor=cast.owner, input=ticket))
    assert keys(first) == ["classify/1", "retrieve/1", "generate/1", "verify/1", "publish/1"], first.reason
    Run.objects.filter(pk=first.pk).update(cost_micros=10**12)
    bench.says(classified(), {"reply": ANSWERED})
    run = bench.go_on(start_run(bench.agent, actor=cast.owner, input=ticket))
    assert keys(run) == ["classify/1", "otherwise/1/draft/1", "otherwise/1/approve/1"]
    assert RunPlan.objects.get(run=run).route == Route.OTHER_ROUTE
    run = bench.answer(run, DecisionKind.APPROVE)
    assert (run.state, run.outputs.get().step_key) == (RunState.DONE, "otherwise/1/publish/1")
    assert step(run, "otherwise/1").reason.startswith("the plan takes another route")
    assert replayed(run).same
    assert "Decided before it began: Another route" in sign_in(cast.owner).get(f"/runs/{run.pk}/").content.decode()


def test_the_other_route_stays_until_another_is_declared_and_must_fit(bench: Bench, cast: Cast) -> None:
    numbers = []
    for otherwise in ("gate", "gate", "routing", ""):
        version = assign_flow(bench.agent, recipe("chaining"), actor=cast.owner, otherwise=otherwise).flow_version
        bench.says(finding(), {"reply": "Sorry."}, {"score": 0.9, "critique": ""})
        assert bench.run("chaining").flow_version == version, "trying it leaves its route as it is"
        numbers.append((version.number, version.settings.get("otherwise")))
    assert numbers == [(1, "gate"), (1, "gate"), (2, "routing"), (3, None)]
    for slug in ("omnichannel", "lead", "chaining", "magic"):  # what it is not given, itself, nothing
        with pytest.raises(Invalid, match="cannot take over"):
            assign_flow(bench.agent, recipe("chaining"), actor=cast.owner, otherwise=slug)


def test_every_flow_that_is_given_a_text_may_declare_another_one() -> None:
    assert all(alternatives(one) for one in LIBRARY if "text" in one.input["required"])
