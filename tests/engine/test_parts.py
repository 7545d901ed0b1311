"""Parts that patterns are built of: items as branches, skipped branches, handoffs, checkpoints, shared memory."""

import threading
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agents.engine import Context, Course, Done, Effect, Failed, Goal, Graph, Kind, MemoryJournal, Result, Waiting
from agents.engine.ahead import SLOW_MS
from agents.engine.branches import MOST
from agents.engine.checkpoint import EVERY
from agents.engine.memory import Write, empty, remember, version, written
from tests.engine.toys import AT, Calls, at, chain, edge, go, graph, node, when


def spawning() -> Graph:
    def double(context: Context) -> Result:
        return Result(context.input["item"] * 2)

    return graph(
        node("fan", kind=Kind.PARALLEL, branches=("double",), each=lambda s: s["input"]),
        node("double", double, reads=("item",)),
    )


def test_a_set_runs_its_branch_once_for_each_item() -> None:
    journal = MemoryJournal()
    outcome = go(spawning(), journal, given=[1, 2, 3])
    assert isinstance(outcome, Done)
    assert [part["output"] for part in outcome.result.values()] == [2, 4, 6]
    assert [at(journal, f"fan/1/b{n}").input for n in range(3)] == [{"item": 1}, {"item": 2}, {"item": 3}]


def test_a_set_without_items_brings_nothing_and_one_with_too_many_is_stopped() -> None:
    assert go(spawning(), MemoryJournal(), given=[]) == Done({})
    outcome = go(spawning(), MemoryJournal(), given=[0] * (MOST + 1))
    assert isinstance(outcome, Failed)
    assert outcome.reason == "max_branches"


def test_a_branch_whose_condition_does_not_hold_is_skipped_with_the_reason() -> None:
    journal = MemoryJournal()
    outcome = go(
        graph(
            node("set", kind=Kind.PARALLEL, branches=("a", "b")),
            node("a"),
            node("b", when=when("it is late", lambda s: False)),
        ),
        journal,
    )
    assert isinstance(outcome, Done)
    assert (outcome.result["b"]["skipped"], "set/1/b1" in journal.rows) == (
        "this does not hold: it is late",
        False,
    )


def test_control_is_handed_on_only_so_often() -> None:
    flow = graph(
        node("a", reads=("b",)),
        node("b", reads=("a",)),
        node("end"),
        edges=(
            edge("a", "b", handoff=True),
            edge("b", "end", when("never", lambda s: False)),
            edge("b", "a", handoff=True),
        ),
        max_handoffs=2,
    )
    outcome = go(flow, MemoryJournal())
    assert isinstance(outcome, Failed)
    assert outcome.reason == "max_handoffs"


def long_flow(kept: bool) -> Graph:
    goal = Goal("settle the ticket", (when("no discount is promised", lambda s: kept),))
    return chain(*(node(f"n{n}", reads=("goal",)) for n in range(EVERY + 2)), goal=goal)


def test_every_ten_steps_the_goal_is_said_again_and_later_nodes_may_read_it() -> None:
    journal = MemoryJournal()
    assert isinstance(go(long_flow(True), journal), Done)
    restated = {"goal": "settle the ticket", "constraints": ["no discount is promised"], "broken": []}
    assert at(journal, "goal/1").output == restated
    assert at(journal, f"n{EVERY - 1}/1").input == {}
    assert at(journal, f"n{EVERY}/1").input == {"goal": restated}


def test_a_broken_constraint_is_asked_about_and_a_person_may_go_on_or_stop() -> None:
    journal, calls = MemoryJournal(), Calls()
    outcome = go(long_flow(False), journal, calls)
    assert isinstance(outcome, Waiting)
    assert (outcome.question.reason, outcome.question.detail) == ("drift", "no discount is promised")
    journal.answer(outcome.question.key, {"outcome": "go_on"}, at=AT)
    assert isinstance(go(long_flow(False), journal, calls), Done)
    assert set(calls.values()) == {1}


WRITES = st.tuples(
    st.sampled_from("abc"),
    st.builds(lambda key, base: Write(key=key, value=base, base=base), st.sampled_from("xy"), st.integers(0, 3)),
)


def test_of_two_that_have_seen_the_same_the_first_writes_and_the_other_is_kept_as_a_conflict() -> None:
    seen: list[tuple[str, Write]] = [(name, Write(key="x", value=name, base=0)) for name in ("a", "b")]
    memory = written(None, [*seen, ("c", Write(key="x", value="c", base=1))])
    assert memory["entries"] == {"x": {"value": "c", "version": 2, "author": "c"}}
    assert memory["conflicts"] == [{"key": "x", "value": "b", "base": 0, "author": "b", "version": 1, "holds": "a"}]


def test_branches_write_in_their_order_however_they_are_told_again() -> None:
    """PostgreSQL gives an object back with its names in an order of its own."""

    def wants(branch: str) -> Any:
        return {"branch": branch, "output": {"writes": [Write(key="x", value=branch, base=0)]}}

    told = {"memory": None, "agents": {"b": wants("b1"), "a": wants("b0")}}
    result = remember("memory", "agents")(Context("memory/1", told, None, 0, None))  # type: ignore[arg-type]
    assert isinstance(result, Result)
    assert result.output["entries"]["x"]["author"] == "a"


@given(st.lists(WRITES, max_size=12))
def test_every_write_is_either_an_entry_s_next_version_or_a_conflict(writes: list[tuple[str, Write]]) -> None:
    memory = written(None, writes)
    taken = sum(version(memory, key) for key in "xy")
    assert taken + len(memory["conflicts"]) == len(writes)
    assert all(one["base"] != one["version"] for one in memory["conflicts"])


@given(st.lists(WRITES, max_size=12), st.integers(0, 12))
def test_a_memory_is_the_same_in_one_go_or_in_two(writes: list[tuple[str, Write]], cut: int) -> None:
    assert written(written(empty(), writes[:cut]), writes[cut:]) == written(None, writes)


SLOW: dict[str, Any] = {"kind": Kind.TOOL, "latency_ms": SLOW_MS, "cost_micros": 0}


def look_ups(meeting: threading.Barrier | None = None, **reads: tuple[str, ...]) -> Graph:
    """Those that read nothing of one another meet, which they can at once only."""

    def look(context: Context) -> Result:
        if meeting and context.key.partition("/")[0] not in reads:
            meeting.wait(60)
        return Result({"from": context.key})

    named = ("orders", "policy", "history")
    return chain(*(node(name, look, reads=reads.get(name, ("input",)), **SLOW) for name in named))


def overlap(journal: MemoryJournal, *keys: str) -> bool:
    rows = [at(journal, key) for key in keys]
    return max(r.started_at for r in rows if r.started_at) < min(r.finished_at for r in rows if r.finished_at)


def test_slow_look_ups_that_do_not_read_each_other_run_at_once_by_themselves() -> None:
    journal, calls = MemoryJournal(), Calls()
    assert go(look_ups(threading.Barrier(3)), journal, calls) == Done({"from": "history/1"})
    assert overlap(journal, "orders/1", "policy/1", "history/1")
    assert (set(calls.values()), len(journal.writes)) == ({1}, 3)
    assert at(journal, "orders/1").reason == "at once with policy, history"


def test_a_look_up_that_reads_another_waits_for_it() -> None:
    journal = MemoryJournal()
    go(look_ups(threading.Barrier(2), history=("policy",)), journal)
    assert overlap(journal, "orders/1", "policy/1")
    assert not overlap(journal, "policy/1", "history/1")


def test_what_a_look_up_must_meet_may_be_about_what_another_brings() -> None:
    as_many = when("as many as orders", lambda state: state["more"] == state["orders"])
    first, more = node("orders", lambda context: Result(2), **SLOW), lambda context: Result(3)
    journal = MemoryJournal()
    outcome = go(chain(first, node("more", more, **SLOW | {"exit": as_many})), journal)
    assert outcome == Failed("exit_criterion", "“more”: exit criterion not met: as many as orders", "more/1")
    assert at(journal, "orders/1").reason == "at once with more"


def test_nothing_is_made_ahead_that_another_outcome_would_leave_out() -> None:
    found = when("something was found", lambda state: False)
    for second, ways in (
        (SLOW | {"effect": Effect.WRITE}, ()),
        (SLOW, (edge("orders", "else", on=Course.FAILED),)),
    ):
        calls, orders = Calls(), node("orders", **SLOW | {"exit": found})
        nodes = [orders, node("policy", **second), *([node("else")] if ways else [])]
        go(graph(*nodes, edges=(edge("orders", "policy"), *ways)), MemoryJournal(), calls)
        assert calls == Calls({"orders/1": 1} | ({"else/1": 1} if ways else {}))


def test_look_ups_at_once_are_made_once_however_often_the_run_resumes() -> None:
    journal, calls = MemoryJournal(), Calls()
    go(look_ups(), journal, calls)
    del journal.rows["policy/1"]  # as if a worker had died between the two writes
    go(look_ups(), journal, calls)
    assert calls == Calls({"orders/1": 1, "policy/1": 2, "history/1": 1})
