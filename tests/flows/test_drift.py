"""At checkpoints a model judges whether the work still serves its goal, where the policy says so."""

from typing import Any

import pytest

from agents.fleet.models import PolicyVersion
from agents.flows.catalog import LIBRARY, recipe
from agents.flows.purpose import is_long
from agents.runs.enums import DecisionKind, RunState
from agents.runs.models import Run, RunException
from agents.runs.replay import replayed
from tests.cast import Cast
from tests.flows.library import Bench, bench_of, prompts, step, tasks
from tests.rehearsal.fixtures import Rehearsal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("use_rehearsal")]
GOAL = "Answer the question from the agent's own sources."
ONCE = "no look-up is made twice"


@pytest.fixture
def bench(cast: Cast, rehearsal: Rehearsal) -> Bench:
    return bench_of(cast, rehearsal)


def thought(query: str, action: str = "search") -> dict[str, Any]:
    return {"thought": "Well.", "action": action, "query": query, "answer": "In a week." if action == "answer" else ""}


def long_run(cast: Cast, bench: Bench, *verdict: Any, queries: str = "abcde", rule: str = "model") -> Run:
    """Ten steps of thinking and looking, the checkpoint with its verdict, and the answer."""
    PolicyVersion.objects.create(team=cast.team, number=99, statement="", rules={"drift_checks": rule} if rule else {})
    bench.says(*(thought(f"refund {one}") for one in queries), *verdict, thought("", "answer"))
    return bench.run("react")


def verdict(why: str = "It is.", drifted: bool = False, skipped: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"drifted": drifted, "skipped": list(skipped), "why": why}


def test_a_model_is_told_goal_constraints_and_work_and_what_it_says_is_a_step_with_its_cost(
    cast: Cast, bench: Bench
) -> None:
    run = long_run(cast, bench, verdict())
    checked = step(run, "goal/1")
    assert checked.output == {"goal": GOAL, "constraints": [ONCE], "broken": [], "judged": verdict()}
    assert (run.state, checked.effect, checked.cost_micros > 0) == (RunState.DONE, "model", True)
    assert "the work serves its goal, says rehearsal-standard" in checked.reason
    told = bench.model.calls()[-2]["body"]["messages"][1]["content"]
    assert all(part in told for part in (GOAL, ONCE, "refund e", "7731"))
    assert run.cost_micros == sum(run.steps.values_list("cost_micros", flat=True))
    assert replayed(run).same


@pytest.mark.parametrize(
    ("said", "detail"),
    [
        (verdict("It talks of the weather.", drifted=True), "It talks of the weather."),
        (verdict("Twice the same.", skipped=(ONCE,)), ONCE),
    ],
    ids=["off its goal", "a constraint is skipped"],
)
def test_what_the_model_calls_drift_is_asked_about_and_the_work_goes_on_or_stops(
    cast: Cast, bench: Bench, said: dict[str, Any], detail: str
) -> None:
    run = long_run(cast, bench, said)
    asked = RunException.objects.get(run=run)
    assert (run.state, asked.cause, detail in asked.detail) == (RunState.WAITING, "drift", True)
    assert bench.answer(run, DecisionKind.RESPOND, {"outcome": "go_on"}).state == RunState.DONE


def test_a_rule_of_the_flow_and_the_model_say_the_same_only_once(cast: Cast, bench: Bench) -> None:
    run = long_run(cast, bench, verdict(drifted=True, skipped=(ONCE,)), queries="aabcd")
    assert (step(run, "goal/1").output or {})["broken"] == [ONCE]


@pytest.mark.parametrize("rule", ["", "rules"])
def test_without_the_rule_no_model_is_asked(cast: Cast, bench: Bench, rule: str) -> None:
    run = long_run(cast, bench, rule=rule)
    assert step(run, "goal/1").output == {"goal": GOAL, "constraints": [ONCE], "broken": []}
    assert (run.state, step(run, "goal/1").cost_micros) == (RunState.DONE, 0)


def test_when_no_model_judges_the_flow_s_own_rules_stand_and_the_step_says_so(cast: Cast, bench: Bench) -> None:
    run = long_run(cast, bench, {"kind": "429", "retry_after": 60, "times": 2})
    assert run.state == RunState.DONE
    assert "no model judged: rate_limited" in step(run, "goal/1").reason


def test_every_flow_that_may_pass_a_checkpoint_has_a_goal_that_its_models_read() -> None:
    long = [one for one in LIBRARY if is_long(one.graph)]
    assert {"react", "retail", "swarm", "plan-execute", "diagnosis", "trainer"} <= {one.slug for one in long}
    for one in LIBRARY:
        assert (one.graph.goal is not None) == (one in long), one.slug
        asked = [node for node in one.graph.nodes if node.effect == "model"]
        assert all(("goal" in node.reads) == (one in long) for node in asked), one.slug


def test_after_ten_steps_the_work_s_purpose_is_in_what_the_next_model_is_told(bench: Bench) -> None:
    bench.says(tasks(*(f"step {number}" for number in range(6))), *[{"finding": "Done."}] * 6)
    run = bench.run("plan-execute")
    assert run.state == RunState.DONE, run.reason
    said = step(run, "goal/1").output or {}
    assert said["goal"] == recipe("plan-execute").summary
    asked = [one.input for one in run.steps.filter(node="execute").order_by("visit")]
    begun = [bool(one and "goal" in one) for one in asked]
    assert begun == sorted(begun), "from the checkpoint on"
    assert [recipe("plan-execute").summary in text for text in prompts(bench)][1:] == begun
    assert any(begun)
