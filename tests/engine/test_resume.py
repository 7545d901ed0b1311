"""A walk may die after any write; the next one goes on and makes no finished call again."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.engine import ALWAYS, Context, Done, Effect, Graph, Kind, MemoryJournal, Outcome, Result, StepRecord
from tests.engine.toys import Calls, at, chain, edge, go, graph, node, when

NEVER = when("never", lambda s: False)


class Killed(BaseException):
    """The process is gone."""


class Mortal(MemoryJournal):
    """Dies once, after the given number of writes."""

    def __init__(self, lives: int) -> None:
        super().__init__()
        self.lives = lives

    def _write(self, how: str, record: StepRecord) -> None:
        super()._write(how, record)
        self.lives -= 1
        if self.lives == 0:
            raise Killed


def survived(flow: Graph, journal: MemoryJournal, calls: Calls) -> Outcome:
    """Walk until it ends, starting anew after every death."""
    for _ in range(200):
        try:
            return go(flow, journal, calls, {"seed": 7})
        except Killed:
            continue
    raise AssertionError("never ended")


def sum_up(context: Context) -> Result:
    """An output that depends on everything read, so that a wrong replay shows."""
    return Result({"key": context.key, "read": context.input})


def two_calls(context: Context) -> Result:
    def inner(number: int) -> Any:
        def call() -> Result:
            context.services[f"{context.key}/{number}"] += 1
            return Result({"call": number})

        return context.call("look up", call, input={"n": number}, effect=Effect.MODEL)

    return Result([inner(0), inner(1)])


def everything() -> Graph:
    """A chain, a loop, a parallel set with a sub-flow, model steps and calls inside a node."""
    inner = chain(node("x", sum_up), node("y", sum_up, reads=("x",), effect=Effect.MODEL))
    return graph(
        node("start", sum_up, effect=Effect.MODEL),
        node("draft", sum_up, reads=("start", "judge")),
        node("judge", sum_up, kind=Kind.JUDGE, reads=("draft",)),
        node("gather", kind=Kind.PARALLEL, branches=("one", "two", "three")),
        node("one", sum_up, effect=Effect.MODEL),
        node("two", kind=Kind.FLOW, flow=inner),
        node("three", two_calls),
        node("join", sum_up, kind=Kind.JOIN, reads=("gather", "draft")),
        edges=(
            edge("start", "draft"),
            edge("draft", "judge"),
            edge("judge", "draft", when("first draft", lambda s: s.visits["draft"] < 2)),
            edge("judge", "gather", when("second draft", lambda s: s.visits["draft"] >= 2)),
            edge("gather", "join"),
        ),
    )


def test_a_walk_killed_after_any_write_ends_the_same_with_each_finished_step_made_once() -> None:
    undisturbed, calls = MemoryJournal(), Calls()
    expected = go(everything(), undisturbed, calls, {"seed": 7})
    assert isinstance(expected, Done)
    for lives in range(1, len(undisturbed.writes) + 1):
        journal, counted = Mortal(lives), Calls()
        assert survived(everything(), journal, counted) == expected, f"killed after write {lives}"
        ended = [key for how, key, _ in journal.writes if how != "intend"]
        assert sorted(ended) == sorted(set(ended)), f"a step ended twice, killed after write {lives}"


@st.composite
def small_flows(draw: st.DrawFn) -> Graph:
    """A random acyclic flow: each node reads some earlier ones and is reached, or passed by, from an earlier one."""
    nodes, edges = [node("n0", sum_up, effect=Effect.MODEL)], []
    for number in range(1, draw(st.integers(2, 6))):
        name, before = f"n{number}", [f"n{i}" for i in range(number)]
        if draw(st.booleans()):
            leaves = [node(f"{name}b{i}", sum_up, effect=Effect.MODEL) for i in range(2)]
            nodes += [node(name, kind=Kind.PARALLEL, branches=(leaves[0].name, leaves[1].name)), *leaves]
        else:
            reads = draw(st.lists(st.sampled_from(["input", *before]), unique=True, max_size=3))
            nodes.append(node(name, sum_up, reads=tuple(reads), effect=draw(st.sampled_from(list(Effect)[:2]))))
        source = draw(st.sampled_from([before[-1], before[-1], *before]))
        edges.append(edge(source, name, ALWAYS if draw(st.booleans()) else NEVER))
        if source == before[-1]:
            edges.append(edge(source, name))
    return graph(*nodes, edges=tuple(edges))


@settings(max_examples=60, deadline=None)
@given(flow=small_flows(), lives=st.integers(1, 12))
def test_any_small_flow_survives_a_death_after_any_write(flow: Graph, lives: int) -> None:
    undisturbed, once = MemoryJournal(), Calls()
    expected = go(flow, undisturbed, once, {"seed": 7})
    journal, counted = Mortal(lives), Calls()
    assert survived(flow, journal, counted) == expected
    assert set(journal.rows) == set(undisturbed.rows)
    ended = [key for how, key, _ in journal.writes if how != "intend"]
    assert sorted(ended) == sorted(undisturbed.rows)
    assert max(counted.values()) <= 1, "the death came after the write, so no call was lost"


def test_a_replay_calls_nothing() -> None:
    journal, calls = MemoryJournal(), Calls()
    expected = go(everything(), journal, calls, {"seed": 7})
    again, written = Calls(), len(journal.writes)
    assert go(everything(), journal, again, {"seed": 7}) == expected
    assert (again, len(journal.writes)) == (Calls(), written)


def test_a_death_between_call_and_write_costs_one_call_at_most() -> None:
    class DiesBeforeWriting(MemoryJournal):
        armed = True

        def settle(self, record: StepRecord) -> None:
            if self.armed:
                self.armed = False
                raise Killed
            super().settle(record)

    journal, calls = DiesBeforeWriting(), Calls()
    flow = chain(node("a"), node("b", effect=Effect.MODEL), node("c"))
    assert survived(flow, journal, calls) == Done({"by": "c/1"})
    assert calls == Calls({"a/1": 1, "b/1": 2, "c/1": 1})
    assert at(journal, "b/1").tries == 2


def test_a_defect_in_a_node_passes_through_and_leaves_the_journal_as_it_was() -> None:
    def broken(context: Context) -> Result:
        return Result({1}.pop("no such argument"))  # type: ignore[call-arg]

    journal = MemoryJournal()
    with pytest.raises(TypeError):
        go(chain(node("a"), node("b", broken)), journal)
    assert list(journal.rows) == ["a/1"]
