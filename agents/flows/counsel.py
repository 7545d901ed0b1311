"""What is to be known of a flow before it is chosen: how long its nodes take one after another, which could run at
once, when it is done, and when it goes to a person."""

from collections.abc import Iterator
from itertools import pairwise

from agents.engine import Course, Edge, Graph, Kind, Node

SYNCHRONOUS_MS = 2_000
"""What somebody who waits for the answer is promised (R-187)."""


def serial(graph: Graph) -> list[Node]:
    """The way through the graph whose latency targets add up to most; every node once, people aside."""
    return [node for node in _longest(graph, graph.start, frozenset()) if node.kind is not Kind.PERSON]


def serial_ms(graph: Graph) -> int:
    """What these take together."""
    return sum(node.latency_ms for node in serial(graph))


def _longest(graph: Graph, name: str, before: frozenset[str]) -> list[Node]:
    seen = before | {name}
    rests = [_longest(graph, way.target, seen) for way in graph.ways(name, Course.DONE) if way.target not in seen]
    return [graph.by_name[name], *max(rests, key=_took, default=[])]


def _took(nodes: list[Node]) -> int:
    return sum(node.latency_ms for node in nodes if node.kind is not Kind.PERSON)


def separable(graph: Graph) -> list[tuple[Node, Node]]:
    """Neighbours on that way of which the second follows whatever the first brings and does not read it."""
    return [pair for pair in pairwise(serial(graph)) if _apart(graph, *pair)]


def _apart(graph: Graph, first: Node, second: Node) -> bool:
    follows = [way.target for way in graph.ways(first.name, Course.DONE)] == [second.name]
    changes = first.effect.changes_the_world or second.effect.changes_the_world
    return follows and not changes and first.name not in second.reads


def done_when(graph: Graph) -> Iterator[Node]:
    """The nodes a run ends with: it is done when one of them meets its exit criterion."""
    inside = {name for node in graph.nodes for name in node.branches}
    return (one for one in graph.nodes if one.name not in inside and not graph.ways(one.name, Course.DONE))


def asks_when(graph: Graph) -> list[Edge]:
    """The ways to a person, each with its criterion."""
    return [way for way in graph.edges if graph.by_name[way.target].kind is Kind.PERSON]
