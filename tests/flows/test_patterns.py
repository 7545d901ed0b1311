"""The patterns that walk one step at a time, each by the observable test of requirements.md §2 on its stored steps."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from agents.engine import ALWAYS, Edge, Graph, InvalidGraph, Node
from agents.fleet.actions import set_policy
from agents.fleet.enums import Tier
from agents.fleet.models import Model, Price, PromptVersion
from agents.flows.actions import try_flow
from agents.flows.catalog import LIBRARY, RECIPES, recipe
from agents.flows.parts import flow, model
from agents.flows.patterns import PATTERNS, evaluator, negotiation, react, reflection, swarm
from agents.flows.readiness import unready
from agents.flows.roles import MOST_TOOLS, ROLES, WRITER
from agents.flows.traits import TRAITS, shown, traits_of
from agents.runs.enums import DecisionKind, RunState
from agents.runs.models import Output, Run, RunException
from agents.runs.queries.agreement import agreements
from tests.cast import Cast
from tests.flows.library import Bench, bench_of, classified, finding, keys, prompts, shows, step, tasks, unseen
from tests.rehearsal.fixtures import Rehearsal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("use_rehearsal")]


@pytest.fixture
def bench(cast: Cast, rehearsal: Rehearsal) -> Bench:
    return bench_of(cast, rehearsal)


def marks(*scores: float) -> dict[str, Any]:
    """A judge's answer by the rubric that ships."""
    named = zip(("complete", "true", "plain"), scores, strict=True)
    return {name: {"score": score, "reason": f"because of {name}"} for name, score in named}


def test_every_pattern_is_shipped_once_and_may_run() -> None:
    assert sorted(one.graph.pattern for one in RECIPES) == sorted(PATTERNS)
    assert [unready(one.graph) for one in RECIPES] == [[]] * len(PATTERNS)
    assert TRAITS.keys() == PATTERNS.keys()


def test_no_flow_of_the_library_names_a_pattern_that_its_runs_cannot_show() -> None:
    told = {one.slug: traits_of(one.graph.describe()) for one in LIBRARY}
    assert [one.slug for one in RECIPES if len(told[one.slug]) < len(TRAITS[one.graph.pattern])] == []
    assert [len(told[slug]) for slug in ("triage", "omnichannel", "lead-qualification")] == [1, 1, 1]


def nodes_of(graph: Graph) -> Iterator[Node]:
    for node in graph.nodes:
        yield node
        yield from nodes_of(node.flow) if node.flow else ()


def test_every_node_of_the_library_says_what_it_must_bring() -> None:
    assert [(one.slug, node.name) for one in LIBRARY for node in nodes_of(one.graph) if node.exit is ALWAYS] == []


def test_a_chain_gives_each_stage_what_the_one_before_it_gave(bench: Bench) -> None:
    bench.says(finding(said="late"), {"reply": "Sorry."}, {"score": 0.9, "critique": ""})
    run = bench.run("chaining")
    assert (run.state, run.pattern, keys(run)) == (
        RunState.DONE,
        "prompt chaining",
        ["understand/1", "draft/1", "check/1", "answer/1"],
    )
    assert list(shows(run).values()) == [keys(run)] * 2
    assert run.result == {"reply": "Sorry.", "score": 0.9, "critique": ""}


def test_what_a_flow_that_is_tried_costs_counts_as_that_flow_s(bench: Bench) -> None:
    bench.says(finding(), {"reply": "Sorry."}, {"score": 0.9, "critique": ""})
    told = [set(bench.run(slug).steps.values_list("use_case", flat=True)) for slug in ("chaining", "triage")]
    assert told == [{"chaining"}, {bench.agent.assignment.use_case}] == [{"chaining"}, {"triage"}]


def test_a_chain_that_fails_at_stage_two_keeps_stage_one_and_resumes_there(bench: Bench) -> None:
    bench.says(finding(), {"kind": "429", "retry_after": 60, "times": 2})
    run = bench.run("chaining")
    assert (run.state, step(run, "understand/1").state, step(run, "draft/1").state) == (
        RunState.QUEUED,
        "confirmed",
        "failed",
    )
    bench.says({"reply": "Sorry."}, {"score": 0.9, "critique": ""})
    type(run).objects.filter(pk=run.pk).update(run_after=None)
    assert bench.go_on(run).state == RunState.DONE
    assert len(prompts(bench)) == 5  # three stages and two models that failed: the first was not paid again


@pytest.mark.parametrize(
    ("intent", "specialist", "name"),
    [
        ("billing", "billing", "rehearsal-small"),
        ("cancellation", "retention", "rehearsal-standard"),
        ("change", "technical", "rehearsal-large"),
    ],
)
def test_a_router_asks_one_specialist_alone_and_the_hard_matter_a_stronger_model(
    bench: Bench, intent: str, specialist: str, name: str
) -> None:
    bench.says(classified(intent=intent), finding())
    run = bench.run("routing")
    assert keys(run) == ["classify/1", f"{specialist}/1"]
    assert list(shows(run).values()) == [keys(run), [f"{specialist}/1"]]
    assert step(run, f"{specialist}/1").model == name
    assert step(run, "classify/1").output["confidence"] == 0.9  # type: ignore[index]


def test_a_router_that_is_unsure_asks_a_person_and_no_specialist(bench: Bench) -> None:
    bench.says(classified(intent="billing", confidence=0.2))
    run = bench.run("routing")
    assert (run.state, keys(run)) == (RunState.WAITING, ["classify/1", "escalate/1"])


def test_a_judge_sends_back_with_its_critique_until_the_score_passes(bench: Bench) -> None:
    bench.says({"reply": "A long one."}, marks(1, 0.3, 0), {"reply": "Short."}, marks(1, 0.9, 0.9))
    run = bench.run("evaluator-optimizer")
    assert keys(run) == ["write/1", "judge/1", "write/2", "judge/2", "accept/1"]
    first, second = (step(run, f"judge/{n}").output or {} for n in (1, 2))
    assert list(shows(run).values()) == [["judge/1", "judge/2"], ["judge/1", "write/2"]]
    assert [(one["score"], one["passed"]) for one in (first, second)] == [(0.557, False), (0.943, True)]
    assert first["critique"] == "true: because of true plain: because of plain"
    assert [(one["criterion"], one["weight"], one["score"]) for one in first["criteria"]] == [
        ("complete", 3, 1),
        ("true", 3, 0.3),
        ("plain", 1, 0),
    ]


def test_a_judge_marks_by_the_team_s_own_rubric_and_names_its_version(cast: Cast, bench: Bench) -> None:
    rules = {"rubric": [{"name": "short", "weight": 2, "asks": "Two sentences?"}], "pass_mark": 0.5}
    set_policy(cast.team, statement="Be short.", rules=rules, actor=cast.chief)
    bench.says({"reply": "Short."}, {"short": {"score": 0.5, "reason": "It is."}})
    judged = step(bench.run("evaluator-optimizer"), "judge/1").output or {}
    assert (judged["passed"], judged["pass_mark"], judged["policy_version"]) == (True, 0.5, 2)
    assert "short (weight 2): Two sentences?" in prompts(bench)[1]


@pytest.mark.parametrize(("kind", "strict"), [(DecisionKind.APPROVE, 1), (DecisionKind.REJECT, 0)])
def test_people_who_decide_show_whether_the_judge_is_too_strict(
    cast: Cast, bench: Bench, kind: DecisionKind, strict: int
) -> None:
    for _round in range(evaluator.ROUNDS):
        bench.says({"reply": "A draft."}, marks(0, 0, 0))
    run = bench.run("evaluator-optimizer")
    assert agreements(cast.team.pk, "evaluator-optimizer", [cast.agent.pk]) == []
    settled = bench.answer(run, kind, cause="model")
    assert (settled.state, settled.result) == (RunState.DONE, {"reply": "A draft." if strict else ""})
    [found] = agreements(cast.team.pk, "evaluator-optimizer", [cast.agent.pk])
    assert (found.node, found.n, found.strict, found.lenient, found.percent) == (
        "judge",
        1,
        strict,
        0,
        100 * (1 - strict),
    )


def test_a_judge_who_is_never_content_stops_at_the_last_round(bench: Bench) -> None:
    for round in range(evaluator.ROUNDS):
        bench.says({"reply": f"Draft {round}."}, marks(0.1, 0.1, 0.1))
    run = bench.run("evaluator-optimizer")
    assert (run.state, run.steps.filter(node="write").count()) == (RunState.WAITING, evaluator.ROUNDS)


def _without(bench: Bench, role: str) -> Run:
    """A run whose team has dropped the role: that node fails, and no pause helps."""
    given = recipe("evaluator-optimizer")
    run = try_flow(bench.agent, given, actor=bench.actor, input=dict(given.example))
    PromptVersion.objects.filter(role=role).delete()
    return bench.go_on(run)


def test_a_writer_who_fails_leaves_the_text_to_a_person(bench: Bench) -> None:
    run = _without(bench, "writer")
    assert (run.state, RunException.objects.get(run=run).kind) == (RunState.WAITING, "question")
    assert bench.answer(run, DecisionKind.RESPOND, {"answer": "By hand."}).result == {"reply": "By hand."}


def test_a_judge_who_fails_leaves_the_draft_to_a_person(bench: Bench) -> None:
    bench.says({"reply": "A draft."})
    asked = RunException.objects.get(run=_without(bench, "verifier"))
    assert (asked.kind, asked.proposal) == ("approval", {"reply": "A draft."})
    assert "no usable verdict" in asked.detail


def _price(cast: Cast) -> None:
    """The strong model costs twenty times the cheap one."""
    Price.objects.all().delete()
    for row in Model.objects.filter(team=cast.team):
        rate = {Tier.CHEAP: 100_000, Tier.STANDARD: 1_000_000, Tier.PREMIUM: 2_000_000}[Tier(row.tier)]
        Price.objects.create(model=row, input_micros=rate, output_micros=rate, since="2020-01-01")


def test_a_plan_is_made_once_by_the_strong_model_and_walked_in_order_by_the_cheap_one(cast: Cast, bench: Bench) -> None:
    _price(cast)
    named = ["find the end", "list tickets", "draft points"]
    bench.says(tasks(*named), *[{"finding": one} for one in named])
    run = bench.run("plan-execute")
    assert [row.model for row in run.steps.exclude(model="").order_by("seq")] == [
        "rehearsal-large",
        *["rehearsal-small"] * 3,
    ]
    assert [len(found) for found in shows(run).values()] == [1, len(named)]
    done = run.result["done"]  # type: ignore[index]
    assert [one["task"]["task"] for one in done] == [one["finding"] for one in done] == named


def test_a_plan_costs_less_than_thinking_again_after_every_look(cast: Cast, bench: Bench) -> None:
    _price(cast)
    bench.says(tasks("a", "b", "c"), *[{"finding": "so"}] * 3)
    planned = bench.run("plan-execute")
    look = {"thought": "I look", "action": "search", "query": "refunds", "answer": ""}
    bench.says(look, look | {"query": "cards"}, look | {"query": "days"}, look | {"action": "answer", "answer": "so"})
    reasoned = bench.run("react")
    assert 0 < planned.cost_micros < reasoned.cost_micros


def test_react_thinks_looks_and_thinks_of_what_it_saw(bench: Bench) -> None:
    look = {"thought": "I look", "action": "search", "query": "refunds", "answer": ""}
    bench.says(look, look | {"action": "answer", "answer": "5 to 10 working days"})
    run = bench.run("react")
    assert keys(run) == ["think/1", "act/1", "think/2", "answer/1"]
    assert list(shows(run).values()) == [["think/1", "act/1"], ["think/2"]]
    assert "5 to 10 working days" in prompts(bench)[1].partition("<passages>")[2]
    assert "5 to 10 working days" not in prompts(bench)[0]


def test_react_stops_at_its_last_thought_and_asks_a_person(bench: Bench) -> None:
    bench.says(*[{"thought": f"{n}", "action": "search", "query": f"refunds {n}", "answer": ""} for n in range(9)])
    run = bench.run("react")
    assert (run.state, run.steps.filter(node="think").count()) == (RunState.WAITING, react.THOUGHTS)
    assert step(run, "escalate/1").reason == "no thoughts are left"


def test_reflection_is_one_role_that_keeps_its_critique_and_writes_otherwise(bench: Bench) -> None:
    said = [("A price.", False), ("Say the date.", False), ("A price on 1 May.", False), ("Good.", True)]
    bench.says(*[{"text": text, "satisfied": ok} for text, ok in said])
    run = bench.run("reflection")
    assert keys(run) == ["attempt/1", "reflect/1", "attempt/2", "reflect/2", "keep/1"]
    assert step(run, "attempt/2").input["reflect"]["text"] == "Say the date."  # type: ignore[index]
    assert list(shows(run).values()) == [keys(run)[:-1], ["reflect/1", "attempt/2", "reflect/2"]]
    assert run.steps.filter(node="attempt").count() < reflection.TRIES


def handed(to: str) -> dict[str, Any]:
    return {"reply": "Not mine.", "handoff": to, "why": f"{to} knows"}


def test_a_swarm_has_one_active_peer_and_every_handoff_says_to_whom_and_why(bench: Bench) -> None:
    bench.says(handed("accounts"), handed("technical"), handed("nobody"))
    run = bench.run("swarm")
    assert keys(run) == ["desk/1", "accounts/1", "technical/1", "answer/1"]
    assert list(shows(run).values()) == [keys(run), ["desk/1", "accounts/1", "technical/1"]]
    assert step(run, "desk/1").output == handed("accounts")
    assert step(run, "accounts/1").reason.startswith("handed to accounts")


def test_ping_pong_between_peers_is_stopped_by_name(bench: Bench) -> None:
    bench.says(*[handed(to) for to in ("accounts", "technical", "accounts", "technical", "accounts", "technical")])
    run = bench.run("swarm")
    assert run.reason.startswith("max_handoffs")
    assert RunException.objects.get(run=run).cause == "max_handoffs"
    assert run.steps.count() == swarm.HANDOFFS + 1


def test_a_state_graph_takes_another_way_below_its_threshold(bench: Bench) -> None:
    bench.says(classified(confidence=0.1))
    run = bench.run("state-graph")
    assert (run.state, keys(run)) == (RunState.WAITING, ["classify/1", "escalate/1"])
    assert not Output.objects.filter(run=run).exists()


def test_a_state_graph_takes_back_what_it_wrote_when_it_fails_later(bench: Bench) -> None:
    bench.says(classified(), {"score": 0.1, "critique": "no"})
    run = bench.run("state-graph")
    assert run.state == RunState.FAILED
    assert keys(run) == ["classify/1", "notify/1", "decide/1", "notify/1/undo"]
    assert list(shows(run).values()) == [["classify/1", "notify/1"], ["notify/1/undo"]]
    told = dict(Output.objects.filter(run=run).values_list("step_key", "kind"))
    assert told == {"notify/1": "notice", "notify/1/undo": "withdrawal"}


def test_an_edge_without_a_criterion_is_refused() -> None:
    with pytest.raises(InvalidGraph, match="has no criterion"):
        flow("x", "state graph", [model(WRITER, "a"), model(WRITER, "b")], [Edge(source="a", target="b")])


def test_a_flow_that_writes_and_names_no_fallback_or_no_known_pattern_may_not_run() -> None:
    shipped = next(one.graph for one in RECIPES if one.slug == "gate")
    bare: Graph = replace(shipped, fallback="", pattern="magic")
    assert [said.split()[0] for said in unready(bare)] == ["“magic”", "It"]


def test_a_guided_diagnosis_asks_no_more_than_it_needs_and_names_the_root_cause(bench: Bench) -> None:
    suspect = {"suspects": [{"cause": "card reader", "check": "reader"}], "complex": False}
    open_ = suspect | {"confirmed": False, "root_cause": "", "question": "Is the light on?"}
    found = open_ | {"confirmed": True, "root_cause": "loose cable"}
    bench.says(open_, open_)
    run = bench.run("diagnosis")
    assert (run.state, keys(run)) == (RunState.WAITING, ["suspect/1", "tools/1", "narrow/1", "ask/1"])
    bench.says(found, {"steps": ["Plug it in."]})
    run = bench.answer(run, DecisionKind.RESPOND, {"answer": "It is off."})
    assert (run.state, run.steps.filter(node="ask").count()) == (RunState.DONE, 1)
    assert list(shows(run).values())[1:] == [["ask/1"], ["narrow/2"]]
    assert unseen(run) == []
    assert step(run, "narrow/2").output["root_cause"] == "loose cable"  # type: ignore[index]


def test_a_complex_fault_jumps_to_the_second_level(bench: Bench) -> None:
    bench.says({"suspects": [], "complex": True, "confirmed": False, "root_cause": "", "question": ""})
    run = bench.run("diagnosis")
    assert (keys(run), step(run, "escalate/1").reason) == (["suspect/1", "escalate/1"], "it is complex: level two")


def offer(amount: float, accept: bool = False) -> dict[str, Any]:
    return {"offer": amount, "accept": accept, "says": f"{amount}"}


def test_a_negotiation_ends_in_agreement_with_every_turn_kept(bench: Bench) -> None:
    bench.says(offer(3000), offer(3800), offer(3500), offer(3500, accept=True))
    run = bench.run("negotiation")
    assert keys(run) == ["buyer/1", "seller/1", "buyer/2", "seller/2", "agree/1"]
    assert list(shows(run).values()) == [keys(run), keys(run)[:-1]]
    assert run.result == {"accepted_by": "seller", "price": 3500}


def test_a_negotiation_without_agreement_ends_with_a_person_at_the_last_round(bench: Bench) -> None:
    bench.says(*[offer(3000 + n) for n in range(2 * negotiation.ROUNDS)])
    run = bench.run("negotiation")
    assert (run.state, run.steps.filter(node="seller").count()) == (RunState.WAITING, negotiation.ROUNDS)


def test_a_gate_waits_for_a_person_and_goes_on_from_there_without_paying_again(bench: Bench) -> None:
    bench.says({"reply": "The seminar moves to 16 June."})
    run = bench.run("gate")
    assert (run.state, keys(run)) == (RunState.WAITING, ["draft/1", "approve/1"])
    assert unseen(run) == ["it goes on from the person’s answer"]
    run = bench.answer(run, DecisionKind.APPROVE)  # another claim, as after a restart: state comes from the steps
    assert (run.state, keys(run)) == (RunState.DONE, ["draft/1", "approve/1", "publish/1"])
    assert list(shows(run).values()) == [["approve/1"], ["publish/1"]]
    assert (run.outputs.get().content, len(prompts(bench))) == ("The seminar moves to 16 June.", 1)


def test_what_a_person_refuses_at_the_gate_never_leaves(bench: Bench) -> None:
    bench.says({"reply": "The seminar moves."})
    run = bench.answer(bench.run("gate"), DecisionKind.REJECT)
    assert (run.state, keys(run)[-1], run.outputs.exists()) == (RunState.DONE, "drop/1", False)


def test_a_trainer_s_proposal_changes_the_prompt_only_once_approved(bench: Bench) -> None:
    bench.says({"reply": "It cannot lose money."}, {"verdict": "flag", "issues": ["promises a result"]})
    run = bench.run("trainer")
    assert keys(run) == ["write/1", "audit/1", "review/1"]
    bench.says({"task": "Never promise a result.", "why": "It promised one."})
    run = bench.answer(run, DecisionKind.EDIT, {"reply": "It can lose money."})
    assert keys(run)[-3:] == ["publish/1", "train/1", "approve/1"]
    own = PromptVersion.objects.filter(agent=bench.agent, role="writer")
    assert not own.exists()
    assert unseen(run) == ["once approved it is the next version"]
    run = bench.answer(run, DecisionKind.APPROVE)
    assert (own.get().number, own.get().task) == (2, "Never promise a result.")
    assert list(shows(run).values()) == [["audit/1"], ["train/1", "approve/1"], ["adopt/1"]]
    bench.says({"reply": "Perhaps."}, {"verdict": "flag", "issues": []})
    assert step(bench.run("trainer"), "write/1").prompt_version == "roles/writer/2"


def test_what_a_guardrail_refuses_after_the_audit_is_shown_to_a_person_with_the_reason(bench: Bench) -> None:
    bench.says({"reply": "Refunds always arrive within 3 days."}, {"verdict": "pass", "issues": []})
    run = bench.run("trainer")
    assert (keys(run)[-2:], step(run, "publish/1").fault) == (["publish/1", "review/1"], "guardrail")
    asked = RunException.objects.get(run=run)
    assert (asked.proposal, "cit" in asked.detail) == ({"reply": "Refunds always arrive within 3 days."}, True)
    run = bench.answer(run, DecisionKind.APPROVE)
    assert (run.state, keys(run)[-2:]) == (RunState.DONE, ["publish/2", "done/1"])


def test_a_refused_proposal_changes_nothing(bench: Bench) -> None:
    flagged = {"verdict": "flag", "issues": []}
    bench.says({"reply": "No."}, flagged, {"task": "Be rude.", "why": "Shorter."})
    run = bench.answer(bench.run("trainer"), DecisionKind.APPROVE)
    run = bench.answer(run, DecisionKind.REJECT)
    assert (run.state, keys(run)[-1]) == (RunState.DONE, "done/1")
    assert not PromptVersion.objects.filter(agent=bench.agent).exists()


@pytest.mark.parametrize("emotion", ["angry", "upset"])
def test_who_is_upset_reaches_a_person_however_sure_the_machine_is(bench: Bench, emotion: str) -> None:
    bench.says(classified(emotion=emotion, confidence=0.99))
    run = bench.run("hybrid")
    assert (run.state, keys(run), unseen(run)) == (RunState.WAITING, ["feel/1", "escalate/1"], [])


def test_a_calm_question_is_answered_at_once(bench: Bench) -> None:
    bench.says(classified(), {"reply": "In the menu."})
    assert keys(bench.run("hybrid")) == ["feel/1", "answer/1"]


def test_a_pattern_is_seen_in_the_steps_and_never_in_its_name(bench: Bench) -> None:
    bench.says(finding(), {"reply": "Sorry."}, {"score": 0.9, "critique": ""})
    run = bench.run("chaining")
    assert run.flow_version is not None
    graph, steps = run.flow_version.graph, list(run.steps.order_by("seq"))
    seen = {name for name in PATTERNS if any(one.steps for one in shown({**graph, "pattern": name}, steps))}
    assert seen == {
        "prompt chaining",
        "swarm",
        "negotiation loop",
        "plan-execute",
        "planner with policies",
    }


def test_the_role_library_is_complete_and_nobody_is_a_superagent() -> None:
    named = "classifier retriever writer verifier analyst scout diagnostician tools resolver auditor trainer"
    assert {*named.split(), "billing", "retention"} <= {role.slug for role in ROLES}
    assert all(role.purpose and role.latency_ms > 0 < role.cost_micros for role in ROLES)
    assert all(len(role.tools) <= MOST_TOOLS for role in ROLES)
