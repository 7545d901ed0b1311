"""Patterns 1, 2, 3, 15 and 20 and sub-flows, by the observable tests of requirements.md §2."""

import threading
from typing import Any

from agents.engine import (
    Context,
    Course,
    Done,
    Edge,
    Failed,
    Graph,
    Kind,
    MemoryJournal,
    Question,
    Result,
    StepFault,
    StepState,
    Waiting,
)
from tests.engine.toys import AT, Calls, at, chain, edge, go, graph, node, when


def refuse(context: Context) -> Result:
    raise StepFault("no_such_order", "There is no such order")


def test_a_chain_gives_each_step_the_output_of_the_one_before() -> None:
    def double(context: Context) -> Result:
        (value,) = context.input.values()
        return Result(value * 2)

    flow = chain(node("a", double), node("b", double, reads=("a",)), node("c", double, reads=("b",)))
    journal = MemoryJournal()
    assert go(flow, journal, given=5) == Done(40)
    assert [(row.key, row.input) for row in journal.rows.values()] == [
        ("a/1", {"input": 5}),
        ("b/1", {"a": 10}),
        ("c/1", {"b": 20}),
    ]
    times = [moment for row in journal.rows.values() for moment in (row.started_at, row.finished_at) if moment]
    assert times == sorted(times)


def test_a_chain_that_fails_at_stage_two_keeps_stage_one_readable() -> None:
    journal = MemoryJournal()
    outcome = go(chain(node("a"), node("b", refuse), node("c")), journal)
    assert outcome == Failed("no_such_order", "“b”: There is no such order", "b/1")
    assert (at(journal, "a/1").state, at(journal, "b/1").state) == (StepState.CONFIRMED, StepState.FAILED)
    assert "c/1" not in journal.rows


def router() -> Graph:
    def classify(context: Context) -> Result:
        text = context.input["input"]
        for intent in ("refund", "baggage", "booking"):
            if intent in text:
                return Result({"intent": intent, "confidence": 0.9}, reason=f"{intent} (0.90)")
        return Result({"intent": "booking", "confidence": 0.2}, reason="booking (0.20)")

    def sure(intent: str) -> Any:
        return when(f"intent is {intent}", lambda s: s["route"]["intent"] == intent and s["route"]["confidence"] >= 0.5)

    unsure = when("confidence below 0.5", lambda s: s["route"]["confidence"] < 0.5)
    specialists = [node(name) for name in ("refund", "baggage", "booking")]
    ways = tuple(edge("route", name.name, sure(name.name)) for name in specialists)
    return graph(
        node("route", classify, kind=Kind.ROUTER),
        *specialists,
        node("escalate"),
        edges=(*ways, edge("route", "escalate", unsure)),
        pattern="routing",
    )


def test_a_router_sends_three_inputs_to_three_specialists_and_says_why() -> None:
    for intent in ("refund", "baggage", "booking"):
        journal = MemoryJournal()
        assert go(router(), journal, given=f"my {intent}, please") == Done({"by": f"{intent}/1"})
        assert list(journal.rows) == ["route/1", f"{intent}/1"]
        assert at(journal, "route/1").reason == f"start; {intent} (0.90)"
        assert at(journal, f"{intent}/1").reason == f"intent is {intent}"


def test_a_router_that_is_not_sure_calls_no_specialist() -> None:
    journal = MemoryJournal()
    go(router(), journal, given="hello")
    assert list(journal.rows) == ["route/1", "escalate/1"]
    assert at(journal, "escalate/1").reason == "confidence below 0.5"


def gather(meeting: threading.Barrier | None = None, **calls: Any) -> Graph:
    def look_up(context: Context) -> Result:
        if meeting:
            meeting.wait(60)
        return Result({"from": context.key})

    def join(context: Context) -> Result:
        return Result({name: branch["output"] for name, branch in context.input["gather"].items()})

    names = ("orders", "policy", "history")
    branches = [node(name, calls.get(name, look_up)) for name in names]
    return graph(
        node("gather", kind=Kind.PARALLEL, branches=names),
        *branches,
        node("join", join, kind=Kind.JOIN, reads=("gather",)),
        edges=(edge("gather", "join"),),
        pattern="parallelization: sectioning",
    )


def test_parallel_branches_overlap_and_the_join_knows_where_each_part_came_from() -> None:
    journal = MemoryJournal()
    outcome = go(gather(threading.Barrier(3)), journal)
    assert outcome == Done({f: {"from": f"gather/1/b{i}"} for i, f in enumerate(("orders", "policy", "history"))})
    branches = [at(journal, f"gather/1/b{number}") for number in range(3)]
    assert max(b.started_at for b in branches if b.started_at) < min(b.finished_at for b in branches if b.finished_at)
    assert [(b.node, b.branch) for b in branches] == [("orders", "b0"), ("policy", "b1"), ("history", "b2")]


def test_a_branch_that_fails_degrades_the_set_and_is_named() -> None:
    journal = MemoryJournal()
    assert isinstance(go(gather(policy=refuse), journal), Done)
    assert at(journal, "gather/1").output["policy"] == {
        "branch": "b1",
        "output": None,
        "error": "There is no such order",
    }


def test_only_the_driver_thread_writes_to_the_journal() -> None:
    writers = set()

    class Watched(MemoryJournal):
        def _write(self, how: str, record: Any) -> None:
            writers.add(threading.get_ident())
            super()._write(how, record)

    go(gather(threading.Barrier(3)), Watched())
    assert writers == {threading.get_ident()}


def test_a_judge_sends_back_until_the_score_passes() -> None:
    def write(context: Context) -> Result:
        return Result({"draft": len(context.input.get("judge", {}).get("critique", ""))})

    def judge(context: Context) -> Result:
        score = context.input["write"]["draft"]
        return Result({"score": score, "critique": "longer" + "!" * score}, reason=f"score {score}")

    flow = graph(
        node("write", write, reads=("input", "judge")),
        node("judge", judge, kind=Kind.JUDGE, reads=("write",)),
        node("publish", reads=("write",)),
        edges=(
            edge("write", "judge"),
            edge("judge", "publish", when("score at least 12", lambda s: s["judge"]["score"] >= 12)),
            edge("judge", "write", when("score below 12", lambda s: s["judge"]["score"] < 12)),
        ),
        pattern="evaluator-optimizer",
    )
    journal = MemoryJournal()
    go(flow, journal)
    assert [row.output["score"] for row in journal.rows.values() if row.node == "judge"] == [0, 6, 12]
    assert at(journal, "write/2").input["judge"]["critique"] == "longer"
    assert list(journal.rows)[-1] == "publish/1"


def approval() -> Graph:
    def ask(context: Context) -> Question:
        amount = context.input["input"]["amount"]
        schema = {"type": "object", "properties": {"decision": {"enum": ["approve", "reject"]}}}
        return Question("limit", f"Refund {amount}?", schema=schema, proposal={"amount": amount}, severity="high")

    return graph(
        node("propose"),
        node("approve", ask, kind=Kind.PERSON),
        node("pay", reads=("approve",)),
        node("decline", reads=("approve",)),
        edges=(
            edge("propose", "approve"),
            edge("approve", "pay", when("approved", lambda s: s["approve"]["decision"] == "approve")),
            edge("approve", "decline", when("not approved", lambda s: s["approve"]["decision"] != "approve")),
        ),
        pattern="human-in-the-loop gate",
    )


def test_a_person_is_asked_and_the_answer_resumes_the_run() -> None:
    journal, calls = MemoryJournal(), Calls()
    outcome = go(approval(), journal, calls, {"amount": 70})
    assert isinstance(outcome, Waiting)
    assert (outcome.question.key, outcome.question.proposal) == ("approve/1", {"amount": 70})
    assert at(journal, "approve/1").state is StepState.INTENDED
    assert go(approval(), journal, calls, {"amount": 70}) == outcome
    journal.answer("approve/1", {"decision": "reject"}, at=AT)
    assert go(approval(), journal, calls, {"amount": 70}) == Done({"by": "decline/1"})
    assert (calls["propose/1"], calls["decline/1"], calls["pay/1"]) == (1, 1, 0)


def test_a_sub_flow_runs_under_its_own_keys_and_gives_back_its_result() -> None:
    def shout(context: Context) -> Result:
        return Result(context.input["input"].upper())

    inner = chain(node("hear"), node("shout", shout))
    journal = MemoryJournal()
    assert go(chain(node("first"), node("sub", kind=Kind.FLOW, flow=inner)), journal, given="hi") == Done("HI")
    assert list(journal.rows) == ["first/1", "sub/1/hear/1", "sub/1/shout/1", "sub/1"]


def test_a_sub_flow_that_fails_is_a_failed_step_of_the_outer_flow() -> None:
    flow = graph(
        node("sub", kind=Kind.FLOW, flow=chain(node("inner", refuse))),
        node("human"),
        edges=(Edge(source="sub", target="human", criterion=when("it failed", lambda s: True), on=Course.FAILED),),
    )
    journal = MemoryJournal()
    assert go(flow, journal) == Done({"by": "human/1"})
    assert at(journal, "sub/1").fault == "no_such_order"


def test_a_missed_exit_criterion_takes_the_other_way() -> None:
    strict = when("an order is named", lambda s: "order" in s["extract"])
    flow = graph(
        node("extract", exit=strict),
        node("reply"),
        node("ask_back"),
        edges=(edge("extract", "reply"), edge("extract", "ask_back", on=Course.FAILED)),
        pattern="state graph",
    )
    journal = MemoryJournal()
    assert go(flow, journal) == Done({"by": "ask_back/1"})
    assert at(journal, "extract/1").error == "exit criterion not met: an order is named"
    assert go(chain(node("extract", exit=strict)), MemoryJournal()) == Failed(
        "exit_criterion", "“extract”: exit criterion not met: an order is named", "extract/1"
    )


def test_no_way_on_is_a_failure_and_not_an_end() -> None:
    flow = graph(node("a"), node("b"), edges=(edge("a", "b", when("never", lambda s: False)),))
    assert go(flow, MemoryJournal()) == Failed("no_way_on", "None of the ways on from “a” applies", "a/1")


def test_a_node_sees_only_what_it_reads() -> None:
    seen = []

    def look(context: Context) -> Result:
        seen.append(dict(context.input))
        return Result(None)

    go(chain(node("a"), node("b"), node("c", look, reads=("a", "c"))), MemoryJournal(), given="secret")
    assert seen == [{"a": {"by": "a/1"}}]
