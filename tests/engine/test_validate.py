"""A graph that may not run is refused when it is built, with every fault in a sentence."""

from typing import Any

import pytest

from agents.engine import ALWAYS, Criterion, Effect, Graph, InvalidGraph, Kind, Node, Slo
from tests.engine.toys import chain, edge, graph, node, own_key


def problems(*nodes: Node, **changes: Any) -> tuple[str, ...]:
    with pytest.raises(InvalidGraph) as refused:
        graph(*nodes, **changes)
    return refused.value.problems


def bare(name: str, **changes: Any) -> Node:
    limits: dict[str, Any] = {"exit": ALWAYS, "latency_ms": 1, "cost_micros": 0, "kind": Kind.ROLE, "call": own_key}
    return Node(name=name, **(limits | changes))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"exit": None}, "node “a” has no exit criterion"),
        ({"exit": Criterion(" ", lambda s: True)}, "node “a” has no exit criterion"),
        ({"latency_ms": 0}, "node “a” has no latency target"),
        ({"cost_micros": None}, "node “a” has no cost limit"),
        ({"reads": ("input", "ghost")}, "node “a” reads “ghost”, which nothing writes"),
        ({"call": None}, "node “a” has nothing to call, or is a set and calls something itself"),
        ({"branches": ("a", "b")}, "node “a” has branches but is not a parallel set"),
        ({"kind": Kind.FLOW, "call": None}, "node “a” must be a sub-flow and name one, or neither"),
        (
            {"kind": Kind.PERSON, "effect": Effect.WRITE},
            "node “a” is a person; effects belong to the nodes that have them",
        ),
    ],
)
def test_a_node_needs_its_limits_and_a_shape(changes: dict[str, Any], sentence: str) -> None:
    assert problems(bare("a", **changes)) == (sentence,)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"pattern": ""}, "the flow names no pattern"),
        ({"name": " "}, "the flow has no name"),
        ({"slo": Slo(0)}, "the flow promises no latency"),
        ({"edges": (edge("a", "b", None),)}, "the edge from “a” to “b” has no criterion"),
        ({"edges": (edge("a", "b", Criterion("", lambda s: True)),)}, "the edge from “a” to “b” has no criterion"),
        ({"edges": ()}, "node “b” cannot be reached"),
        ({"edges": (edge("a", "b"), edge("b", "a"))}, "the flow never ends: every node leads to another"),
    ],
)
def test_a_flow_needs_its_labels_its_criteria_and_an_end(changes: dict[str, Any], sentence: str) -> None:
    given = {"edges": (edge("a", "b"),)} | changes
    assert problems(node("a"), node("b"), **given) == (sentence,)


def test_an_edge_to_nowhere_and_a_false_start_are_named() -> None:
    assert problems(node("a"), edges=(edge("a", "b"),)) == (
        "the edge from “a” to “b” touches “b”, which is not a node",
        "the flow never ends: every node leads to another",
    )
    assert problems(node("a"), start="z")[0] == "the start “z” is not a node"


def test_two_nodes_of_one_name_and_a_name_that_would_break_a_key_are_refused() -> None:
    assert problems(node("a"), node("a")) == ("two nodes are called “a”",)
    assert problems(node("a/1")) == ("“a/1” cannot name a node",)
    assert problems(node("input")) == ("“input” cannot name a node",)


@pytest.mark.parametrize(
    ("branches", "sentence"),
    [
        (("x",), "parallel set “set” needs two different branches or more"),
        (("x", "ghost"), "branch “ghost” of “set” is not a node"),
        (("x", "mid"), "branch “mid” of “set” has edges of its own; make it a sub-flow"),
        (("x", "set"), "branch “set” of “set” has edges of its own; make it a sub-flow"),
    ],
)
def test_a_parallel_set_needs_branches_that_stand_alone(branches: tuple[str, ...], sentence: str) -> None:
    nodes = node("set", kind=Kind.PARALLEL, branches=branches), node("x"), node("mid"), node("end")
    assert problems(*nodes, edges=(edge("set", "mid"), edge("mid", "end"))) == (sentence,)


def test_a_branch_that_is_itself_a_set_is_to_be_a_sub_flow() -> None:
    inner = node("inner", kind=Kind.PARALLEL, branches=("x", "y"))
    outer = node("set", kind=Kind.PARALLEL, branches=("inner", "z"))
    assert problems(outer, inner, node("x"), node("y"), node("z")) == (
        "branch “inner” of “set” is itself a parallel set; make it a sub-flow",
    )


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(InvalidGraph, match="The flow “toy” cannot run: the flow names no pattern; node “a” has no"):
        graph(bare("a", exit=None, latency_ms=0), pattern="")


def test_a_graph_describes_itself_as_json_for_a_page() -> None:
    inner: Graph = chain(node("x"))
    flow = chain(node("a"), node("sub", kind=Kind.FLOW, flow=inner))
    told = flow.describe()
    assert told["edges"] == [{"source": "a", "target": "sub", "criterion": "always", "on": "done"}]
    assert [(one["name"], one["kind"], one["exit"]) for one in told["nodes"]] == [
        ("a", "role", "always"),
        ("sub", "flow", "always"),
    ]
    assert told["nodes"][1]["flow"]["nodes"][0]["name"] == "x"
    assert (told["pattern"], told["slo"]) == ("prompt chaining", {"latency_ms": 1000, "share": 0.95})
