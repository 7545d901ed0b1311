"""The patterns with more than one agent at a time, by the observable test of requirements.md §2 on stored steps.

Branches read the database from threads of their own, so these tests commit.
"""

from dataclasses import replace

import pytest

from agents.engine import Node
from agents.fleet.models import PolicyVersion, PromptVersion
from agents.flows.actions import try_flow
from agents.flows.catalog import RECIPES, recipe
from agents.flows.patterns import lead, supervisor
from agents.flows.patterns.voting import VOTES
from agents.flows.roles import ANALYST, BILLING, RETENTION, SCOUT
from agents.runs.actions import start_run
from agents.runs.enums import DecisionKind, RunState
from agents.runs.lineage import lineage
from agents.runs.models import Run, RunException, Step
from agents.runs.queries.delegations import delegations
from tests.cast import Cast
from tests.flows.library import Bench, bench_of, classified, finding, keys, prompts, shows, step, tasks, unseen
from tests.rehearsal.fixtures import Rehearsal

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("use_rehearsal")]
SLOW = {"kind": "slow", "seconds": 0.3}


@pytest.fixture
def bench(cast: Cast, rehearsal: Rehearsal) -> Bench:
    return bench_of(cast, rehearsal)


def branches(run: Run, key: str) -> list[Step]:
    """The branches of a parallel set's visit, without the calls inside them."""
    return [one for one in run.steps.order_by("key") if one.key.rpartition("/")[0] == key]


def test_sections_run_at_once_and_the_merge_knows_where_each_part_came_from(bench: Bench) -> None:
    bench.says(*[SLOW] * 3, {"reply": "Yes."})
    run = bench.run("sectioning")
    assert list(shows(run).values()) == [["sections/1/b0", "sections/1/b1", "sections/1/b2"], ["merge/1"]]
    parts = step(run, "merge/1").output["parts"]  # type: ignore[index]
    assert [(one["from"], one["branch"]) for one in parts] == [("facts", "b2"), ("money", "b0"), ("relation", "b1")]
    assert step(run, "answer/1").input["merge"]["parts"] == parts  # type: ignore[index]


def test_sections_that_contradict_each_other_are_shown(bench: Bench) -> None:
    bench.says(finding("yes"), finding("no"), finding("unclear"), {"reply": "Perhaps."})
    run = bench.run("sectioning")
    assert len(step(run, "merge/1").output["contradictions"]) == 1  # type: ignore[index]


def test_votes_have_one_input_and_a_majority_keeps_its_split(bench: Bench) -> None:
    bench.says(finding("yes"), finding("no"), finding("yes"))
    run = bench.run("voting")
    votes = branches(run, "vote/1")
    assert list(shows(run).values()) == [[one.key for one in votes], ["count/1", "verdict/1"]]
    assert len(votes) == VOTES
    assert run.result == {"split": {"yes": 2, "no": 1}, "majority": "yes"}


def test_votes_without_a_majority_go_to_a_person(bench: Bench) -> None:
    bench.says(finding("yes"), finding("no"), finding("unclear"))
    run = bench.run("voting")
    assert (run.state, keys(run)[-1]) == (RunState.WAITING, "escalate/1")


def test_a_set_of_which_nothing_came_goes_to_a_person(bench: Bench) -> None:
    given = recipe("voting")
    run = try_flow(bench.agent, given, actor=bench.actor, input=dict(given.example))
    PromptVersion.objects.filter(role="analyst").delete()
    assert (bench.go_on(run).state, keys(run)[-2:]) == (RunState.WAITING, ["vote/1", "escalate/1"])
    assert step(run, "escalate/1").reason == "it failed"


@pytest.mark.parametrize("count", [2, 4])
def test_an_orchestrator_spawns_as_many_workers_as_the_input_needs(bench: Bench, count: int) -> None:
    named = [f"task {n}" for n in range(count)]
    bench.says(tasks(*named), *[{"finding": "done"}] * count, {"reply": "All done."})
    run = bench.run("orchestrator-worker")
    workers = branches(run, "work/1")
    assert [one.input["item"]["task"] for one in workers] == named  # type: ignore[index]
    assert list(shows(run).values()) == [[one.key for one in workers], ["synthesis/1"]]
    assert set(step(run, "synthesis/1").input["work"]) == {f"b{n}" for n in range(count)}  # type: ignore[index]


def test_a_supervisor_calls_only_the_specialists_it_needs_and_gives_the_answer(bench: Bench) -> None:
    bench.says({"specialists": ["billing", "retention"]}, finding(), finding(), {"reply": "Stay."})
    run = bench.run("supervisor")
    assert {one.node for one in branches(run, "specialists/1")} == {"billing", "retention"}
    skipped = step(run, "specialists/1").output["analyst"]["skipped"]  # type: ignore[index]
    assert "the supervisor asks for analyst" in skipped
    assert (keys(run)[-1], run.result) == ("consolidate/1", {"reply": "Stay."})
    assert list(shows(run).values()) == [["specialists/1"], ["consolidate/1"]]


def test_a_new_specialist_changes_none_of_the_others() -> None:
    def shape(node: Node) -> object:
        return replace(node, call=None, exit=None, when=None)

    before = supervisor.supervised((ANALYST, BILLING, RETENTION)).by_name
    after = supervisor.supervised((ANALYST, BILLING, RETENTION, SCOUT)).by_name
    assert set(after) - set(before) == {"scout"}
    assert all(shape(before[role.slug]) == shape(after[role.slug]) for role in (ANALYST, BILLING, RETENTION))


def test_a_team_s_leaders_merge_before_the_top_does(bench: Bench) -> None:
    run = bench.run("team", "Prepare the pitch:\n- their supplier\n- our offer")
    assert run.state == RunState.DONE, run.reason
    deep = [one for one in keys(run) if one.startswith("teams/1/b0/work/1/")]
    assert deep
    merges = [step(run, f"teams/1/b{n}/merge/1") for n in (0, 1)]
    top = step(run, "consolidate/1")
    assert list(shows(run).values())[1] == [*(one.key for one in merges), top.key]
    assert unseen(run) == []
    assert {name: part["output"] for name, part in top.input["teams"].items()} == {  # type: ignore[index]
        "research": merges[0].output,
        "offer": merges[1].output,
    }


def test_peers_ask_each_other_directly_and_contradictory_writes_are_a_conflict(bench: Bench) -> None:
    bench.says(*[finding()] * 6)
    run = bench.run("mesh")
    said = {one.reason.partition(";")[0] for one in run.steps.filter(effect="model")}
    assert {one for one in said if " asks " in one} == {
        "analyst asks billing",
        "billing asks retention",
        "retention asks billing",
    }
    assert keys(run)[-3:] == ["peers/1", "memory/1", "told/1"]  # nobody told them whom to ask
    assert list(shows(run).values()) == [[f"peers/1/b{n}/0" for n in range(3)], ["memory/1"]]
    memory = step(run, "memory/1").output or {}
    assert memory["entries"]["promise"] == {"value": "It is so.", "version": 1, "author": "facts"}
    assert [(one["author"], one["base"], one["version"]) for one in memory["conflicts"]] == [
        ("accounts", 0, 1),
        ("relation", 0, 1),
    ]


def test_whom_a_peer_asks_stands_beside_its_own_work_with_what_both_cost(bench: Bench) -> None:
    bench.says(*[finding()] * 6)
    run = bench.run("mesh")
    assert run.flow_version
    told = delegations(lineage(run.flow_version.graph, list(run.steps.order_by("seq"))), [])
    facts = next(one for one in told if one.to == "facts")
    said = [why.partition(";")[0] for why in facts.why]
    assert said == ["branch of peers", "analyst asks billing", "analyst answers"]
    assert facts.cost_micros == sum(one.cost_micros for one in run.steps.filter(node="facts")) > 0


def test_a_contradiction_is_settled_by_a_person_where_the_policy_says_so(bench: Bench) -> None:
    row = PolicyVersion.objects.get(team=bench.agent.team)
    PolicyVersion.objects.filter(pk=row.pk).update(rules=row.rules | {"memory_conflicts": {"promise": "person"}})
    bench.says(*[finding()] * 6)
    run = bench.run("mesh")
    asked = RunException.objects.get(run=run)
    assert run.state == RunState.WAITING
    assert asked.schema["properties"]["promise"]["enum"] == ["facts", "accounts", "relation"]
    run = bench.answer(run, DecisionKind.RESPOND, {"promise": "accounts"})
    memory = run.result["memory"]  # type: ignore[index]
    assert memory["entries"]["promise"] == {"value": "It is so.", "version": 2, "author": "accounts"}
    assert [(one["rule"], one["kept"]) for one in memory["conflicts"]] == [("person", "accounts")] * 2


def test_a_mesh_goes_on_without_a_peer_that_is_gone(bench: Bench) -> None:
    bench.run("mesh")
    PromptVersion.objects.filter(role="retention").delete()
    first = Run.objects.get()
    run = start_run(bench.agent, actor=bench.actor, input=first.input, flow_version=first.flow_version)
    bench.go_on(run)
    assert (run.state, run.result["degraded"]) == (RunState.DONE, ["relation"])  # type: ignore[index]
    assert step(run, "peers/1").output["accounts"]["output"]["missing"] == ["retention"]  # type: ignore[index]


def test_a_write_to_the_board_wakes_who_waits_for_it_whatever_was_there_first(bench: Bench) -> None:
    said = [finding(), {"reply": "Soon."}, {"score": 0.9, "critique": ""}]
    bench.says(*said)
    run = bench.run("blackboard")
    order = [one.node for one in run.steps.exclude(model="").order_by("seq")]
    assert order == ["analyst", "writer", "verifier"]
    entries = run.result or {}
    assert {key: (one["author"], one["version"]) for key, one in entries.items()} == {
        "facts": ("analyst", 1),
        "draft": ("writer", 1),
        "verdict": ("verifier", 1),
    }
    assert unseen(run) == []
    bench.says(*said[1:])
    run = bench.run("blackboard", facts="The lift was repaired.")
    assert [one.node for one in run.steps.exclude(model="").order_by("seq")] == ["writer", "verifier"]


def test_two_cases_take_two_paths_and_what_was_skipped_says_why(bench: Bench) -> None:
    bench.says(classified(), finding(), {"reply": "In 5 to 10 working days."})
    known = bench.run("dynamic", "How many working days until refunds arrive?")
    assert [one.node for one in branches(known, "look/1")] == ["sources", "account"]
    assert list(shows(known).values())[1] == ["answer/1"]
    assert (known.steps.filter(node="research").exists(), step(known, "answer/1").reason.partition(";")[0]) == (
        False,
        "the sources answer it: no research is needed",
    )
    bench.says(classified(), finding(), finding(), {"reply": "Like this."})
    assert "research/1" in keys(bench.run("dynamic", "xylophone"))


def test_a_delicate_case_has_a_person_before_anybody_answers(bench: Bench) -> None:
    bench.says(classified(emotion="angry"))
    assert keys(bench.run("dynamic")) == ["assess/1", "escalate/1"]


def test_a_plan_is_stored_before_its_first_task(bench: Bench) -> None:
    bench.says(tasks("look", "write", tool="search"), *[{"finding": "done"}] * 2)
    run = bench.run("planner")
    first = min(one.started_at for one in branches(run, "work/1") if one.started_at)
    plan = step(run, "plan/1")
    assert plan.finished_at is not None
    assert plan.finished_at < first
    assert list(shows(run).values()) == [["plan/1"], ["check/1"]]
    assert [one["task"] for one in run.result["plan"]] == ["look", "write"]  # type: ignore[index]


def test_a_plan_with_a_forbidden_tool_is_refused_before_anything_happens(bench: Bench) -> None:
    bench.says(tasks("pay it back", tool="issue_refund"))
    run = bench.run("planner")
    assert keys(run) == ["plan/1", "check/1", "escalate/1"]
    assert step(run, "check/1").output["forbidden"] == tasks("pay it back", tool="issue_refund")["tasks"]  # type: ignore[index]


def test_a_team_is_compared_with_one_strong_model_on_the_same_tasks(bench: Bench) -> None:
    run = bench.run("lead", "", tasks=["Compare the two offers.", "Summarise the reviews."])
    assert run.state == RunState.DONE, run.reason
    report = run.result or {}
    assert (report["tasks"], set(report["cost_micros"])) == (2, {"alone", "team"})
    assert unseen(run) == []
    spent = sum(one.cost_micros for one in run.steps.filter(node__in=["alone", "plan", "worker", "merge"]))
    assert sum(report["cost_micros"].values()) == spent


def test_lift_is_the_team_s_gain_over_the_single_model_as_a_share() -> None:
    duels = [
        {"scores": {"alone": 0.5, "team": 0.8}, "cost_micros": {"alone": 30, "team": 20}},
        {"scores": {"alone": 0.5, "team": 1.0}, "cost_micros": {"alone": 30, "team": 25}},
    ]
    report = lead.reported({"duels": {f"b{n}": {"output": one} for n, one in enumerate(duels)}})
    assert report == {"tasks": 2, "alone": 0.5, "team": 0.9, "lift": 0.8, "cost_micros": {"alone": 60, "team": 45}}


@pytest.mark.parametrize("slug", [one.slug for one in RECIPES])
def test_every_flow_ends_or_asks_a_person_on_its_own_example(bench: Bench, slug: str) -> None:
    given = dict(next(one.example for one in RECIPES if one.slug == slug))
    run = bench.run(slug, given.pop("text", ""), **given)
    assert run.state in (RunState.DONE, RunState.WAITING), run.reason
    assert prompts(bench)
