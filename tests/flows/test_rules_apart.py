"""Rules of flows that need neither a model nor a run: how sure is sure, how long is long, which way is another."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from agents.engine import Course, Effect, Goal, Graph, State, StepFault, Usage
from agents.engine.checkpoint import EVERY, GOAL
from agents.engine.guardrails import Draft
from agents.fleet.enums import Tier
from agents.flows.catalog import LIBRARY, TRIAGE, recipe
from agents.flows.composed import Stage, _replies, composed
from agents.flows.confidence import sure_answer
from agents.flows.counsel import done_when, separable, serial
from agents.flows.drift import judge
from agents.flows.otherwise import NODE, alternatives, routed
from agents.flows.publishing import leaves
from agents.flows.purpose import is_long, purposeful
from agents.flows.roles import ANALYST, Role
from agents.runs.registry import OWN
from agents.runs.services.answers import Answer
from tests.runs.toys import line, person, step, wide

DRAWN = recipe("chaining").graph


class Models:
    """One model a tier, each as sure as is said, in turn; a call costs ten."""

    def __init__(self, *said: float | StepFault, names: dict[Tier, str] | None = None) -> None:
        self.said, self.names, self.limits = list(said), names or {}, list[int]()

    def name(self, tier: Tier) -> str:
        return self.names.get(tier, tier)

    def chat(self, tier: Tier, _messages: object, *, cost_limit_micros: int, **_more: object) -> Answer:
        self.limits.append(cost_limit_micros)
        if isinstance(said := self.said.pop(0), StepFault):
            raise said
        return Answer("", {"confidence": said}, self.name(tier), Usage(cost_micros=10))


def unsure(models: Models, tier: Tier = Tier.CHEAP) -> StepFault:
    """Why none of them is sure enough."""
    ours: Any = SimpleNamespace(models=models, policy=SimpleNamespace(rules={"step_confidence": {"*": 0.7}}))
    role: Role = replace(ANALYST, tier=tier, cost_micros=100)
    with pytest.raises(StepFault) as raised:
        sure_answer(ours, role, [], "v1")
    return raised.value


@pytest.mark.parametrize(("second", "surest"), [(0.6, 0.6), (0.4, 0.5)])
def test_of_two_who_are_not_sure_the_surer_is_kept_and_both_are_paid_from_one_limit(
    second: float, surest: float
) -> None:
    models = Models(0.5, second)
    fault = unsure(models)
    assert (fault.partial, fault.usage and fault.usage.cost_micros, models.limits) == (
        {"confidence": surest},
        20,
        [100, 90],
    )


def test_who_is_not_sure_and_followed_by_one_that_fails_is_kept_with_what_both_cost() -> None:
    fault = unsure(Models(0.5, StepFault("busy", "", usage=Usage(cost_micros=7))))
    assert (fault.kind, fault.partial, fault.usage and fault.usage.cost_micros) == (
        "confidence",
        {"confidence": 0.5},
        17,
    )


@pytest.mark.parametrize(
    ("tier", "names"), [(Tier.PREMIUM, {}), (Tier.CHEAP, dict.fromkeys(Tier, "one"))], ids=["best", "only"]
)
def test_no_model_is_asked_twice_and_none_above_the_best(tier: Tier, names: dict[Tier, str]) -> None:
    models = Models(0.5, names=names)
    unsure(models, tier)
    assert models.limits == [100]


def long(**changes: Any) -> Graph:
    return replace(line("toy-long", *(step(f"n{number}") for number in range(EVERY + 1))), **changes)


def test_a_flow_is_long_that_may_make_more_steps_than_lie_between_two_checkpoints() -> None:
    assert (is_long(long()), is_long(long(max_steps=EVERY))) == (True, False)
    fan = wide(SimpleNamespace())  # type: ignore[arg-type]
    many = replace(fan.nodes[0], branches=tuple(f"b{number}" for number in range(EVERY)))
    nodes = (many, *(step(name) for name in many.branches), fan.by_name["join"])
    assert not is_long(replace(fan, nodes=nodes)), "what runs at once is one step of the walk"


def test_a_long_flow_keeps_the_goal_it_has() -> None:
    goals = [purposeful(one, "Its summary.").goal for one in (long(), long(goal=Goal("Its own.")), DRAWN)]
    assert [goal and goal.text for goal in goals] == ["Its summary.", "Its own.", None]


@pytest.mark.parametrize(
    ("drifted", "skipped", "begins"), [(False, [], "the work serves"), (False, ["x"], "the work has")]
)
def test_what_skips_a_constraint_has_drifted_and_the_goal_is_no_part_of_the_work(
    drifted: bool, skipped: list[str], begins: str
) -> None:
    told: dict[str, Any] = {}
    found = {"drifted": drifted, "skipped": skipped, "why": "So."}
    prompt = SimpleNamespace(messages=lambda **data: told.update(data), version="1")
    models = SimpleNamespace(chat=lambda *_given, **_more: Answer("", found, "m", Usage()))
    services: Any = SimpleNamespace(prompts=SimpleNamespace(get={"overseer": prompt}.__getitem__), models=models)
    said = {"goal": "G", "constraints": ["x"], "broken": []}
    state = State(outputs={"look": 1, GOAL: said})
    assert str(judge(services, state, said).reason).startswith(begins)
    assert told["work"] == {"look": 1}
    services.prompts.get = {}.__getitem__
    assert judge(services, state, said).output == said, "without the overseer's prompt, the flow's own rules only"


def test_another_route_is_ready_is_not_triage_and_fails_to_the_flow_s_own_person() -> None:
    assert not any(TRIAGE in alternatives(one) for one in LIBRARY)
    shipped = recipe("chaining")
    assert alternatives(replace(shipped, graph=replace(DRAWN, pattern="magic"))) == []
    assert [way.target for way in routed(DRAWN, "gate").ways(NODE, Course.FAILED)] == [DRAWN.fallback]


def test_a_composed_flow_sends_its_latest_reply_and_asks_a_person_below_the_mark_only() -> None:
    limits = {"latency_ms": 1_000, "cost_micros": 90_000}
    stages = [Stage("classifier", "sort", least=0.5, **limits), *(Stage("writer", name, **limits) for name in "ab")]
    assert _replies(stages) == ["b", "a"]
    ways = composed(f"{OWN}x", stages).ways("sort", Course.DONE)
    for sure, target in ((0.5, "a"), (0.49, "escalate")):
        state = State(outputs={"sort": {"confidence": sure}})
        assert next(way.target for way in ways if way.criterion and way.criterion.holds(state)) == target


def test_people_take_no_time_of_a_flow_and_only_what_must_follow_and_changes_nothing_could_run_apart() -> None:
    slow = replace(person(), latency_ms=10**6)
    graph = line("toy-people", step("first"), slow, step("last"))
    assert [node.name for node in serial(graph)] == ["first", "last"]
    assert separable(line("toy-write", step("look"), step("send", Effect.WRITE))) == []
    forked = line("toy-forked", step("look"), step("or"))
    forked = replace(
        forked, nodes=(*forked.nodes, step("else")), edges=(*forked.edges, replace(forked.edges[0], target="else"))
    )
    assert separable(forked) == []
    fan = wide(SimpleNamespace())  # type: ignore[arg-type]
    assert [node.name for node in done_when(fan)] == ["join"], "what runs at once ends nothing"


def test_what_leaves_names_the_passages_it_cites_and_no_others() -> None:
    kept: dict[str, Any] = {}
    services = SimpleNamespace(
        policy=SimpleNamespace(number=3),
        knowledge=SimpleNamespace(by_meaning=False),
        outputs=SimpleNamespace(publish=lambda key, **given: kept.update(given)),
    )
    context: Any = SimpleNamespace(services=services, key="publish/1")
    leaves(context, Draft("In a week. [p2]", {"p1": "Soon.", "p2": "In a week."}), [], released=False)
    assert (kept["data"], kept["pass_record"]["policy_version"]) == ({"cited": ["p2"]}, 3)
