"""Why a graph may not run, in sentences a person can act on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from agents.engine.errors import InvalidGraph

if TYPE_CHECKING:
    from agents.engine.graph import Criterion, Edge, Graph, Node

OWN = ("input", "item", "goal")  # what the engine itself puts into the state


def check(graph: Graph) -> None:
    """Raise InvalidGraph naming every problem of `graph`; return quietly when there is none."""
    problems = tuple(_problems(graph))
    if problems:
        raise InvalidGraph(graph.name, problems)


def _problems(graph: Graph) -> Iterator[str]:
    yield from _labels(graph)
    for node in graph.nodes:
        yield from _limits(node)
        yield from _shape(graph, node)
    for edge in graph.edges:
        yield from _edge(graph, edge)
    yield from _paths(graph)


def _labels(graph: Graph) -> Iterator[str]:
    if not graph.name.strip():
        yield "the flow has no name"
    if not graph.pattern.strip():
        yield "the flow names no pattern"
    if graph.slo.latency_ms <= 0:
        yield "the flow promises no latency"
    names = [node.name for node in graph.nodes]
    yield from (f"two nodes are called “{name}”" for name in sorted({n for n in names if names.count(n) > 1}))
    yield from (f"“{n}” cannot name a node" for n in names if not n or n in OWN or "/" in n)
    if graph.fallback and graph.fallback not in names:
        yield f"the fallback “{graph.fallback}” is not a node"
    if graph.start not in names:
        yield f"the start “{graph.start}” is not a node"


def _limits(node: Node) -> Iterator[str]:
    if _silent(node.exit):
        yield f"node “{node.name}” has no exit criterion"
    if node.latency_ms <= 0:
        yield f"node “{node.name}” has no latency target"
    if node.cost_micros is None or node.cost_micros < 0:
        yield f"node “{node.name}” has no cost limit"


def _shape(graph: Graph, node: Node) -> Iterator[str]:
    known = {*OWN, *graph.by_name}
    yield from (f"node “{node.name}” reads “{part}”, which nothing writes" for part in node.reads if part not in known)
    if node.kind == "parallel":
        yield from _fan(graph, node)
    elif node.branches:
        yield f"node “{node.name}” has branches but is not a parallel set"
    if (node.kind == "flow") != (node.flow is not None):
        yield f"node “{node.name}” must be a sub-flow and name one, or neither"
    if (node.kind in ("parallel", "flow")) == (node.call is not None):
        yield f"node “{node.name}” has nothing to call, or is a set and calls something itself"
    if node.kind in ("parallel", "flow", "person") and node.effect != "read":
        yield f"node “{node.name}” is a {node.kind}; effects belong to the nodes that have them"


def _fan(graph: Graph, node: Node) -> Iterator[str]:
    if node.each is not None and len(node.branches) != 1:
        yield f"parallel set “{node.name}” is made anew for each item and needs exactly one branch"
    elif node.each is None and len(set(node.branches)) < 2:
        yield f"parallel set “{node.name}” needs two different branches or more"
    for name in node.branches:
        if name not in graph.by_name:
            yield f"branch “{name}” of “{node.name}” is not a node"
        elif any(name in (edge.source, edge.target) for edge in graph.edges):
            yield f"branch “{name}” of “{node.name}” has edges of its own; make it a sub-flow"
        elif graph.by_name[name].kind == "parallel":
            yield f"branch “{name}” of “{node.name}” is itself a parallel set; make it a sub-flow"


def _edge(graph: Graph, edge: Edge) -> Iterator[str]:
    if _silent(edge.criterion):
        yield f"the edge from “{edge.source}” to “{edge.target}” has no criterion"
    for end in (edge.source, edge.target):
        if end not in graph.by_name:
            yield f"the edge from “{edge.source}” to “{edge.target}” touches “{end}”, which is not a node"


def _paths(graph: Graph) -> Iterator[str]:
    reached = _reached(graph)
    yield from (f"node “{node.name}” cannot be reached" for node in graph.nodes if node.name not in reached)
    on_the_way = {edge.source for edge in graph.edges if edge.on == "done"}
    inside = {name for node in graph.nodes if node.kind == "parallel" for name in node.branches}
    if not reached - on_the_way - inside:
        yield "the flow never ends: every node leads to another"


def _reached(graph: Graph) -> set[str]:
    reached: set[str] = set()
    waiting = [graph.start] if graph.start in graph.by_name else []
    while waiting:
        name = waiting.pop()
        if name in reached or name not in graph.by_name:
            continue
        reached.add(name)
        waiting += [edge.target for edge in graph.edges if edge.source == name]
        waiting += graph.by_name[name].branches
    return reached


def _silent(criterion: Criterion | None) -> bool:
    return criterion is None or not criterion.text.strip()
