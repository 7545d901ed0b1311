"""Looking ahead: slow look-ups that stand one after another but do not read each other run at once by themselves."""

from __future__ import annotations

from agents.engine.call import Effect
from agents.engine.graph import ALWAYS, Course, Graph, Kind, Node

SLOW_MS = 2_000  # the latency target from which a look-up is worth a thread


def at_once(graph: Graph, first: Node) -> list[Node]:
    """`first` and the look-ups that follow it whatever it brings: free, without effect, independent of each other."""
    group, node = list[Node](), first
    while looks_up(node) and node not in group and not {one.name for one in group} & set(node.reads):
        group.append(node)
        ways = graph.ways(node.name, Course.DONE)
        if len(ways) != 1 or ways[0].criterion is not ALWAYS or graph.ways(node.name, Course.FAILED):
            break
        node = graph.by_name[ways[0].target]
    return group


def looks_up(node: Node) -> bool:
    """Whether the node may run before its turn: a slow look-up, free and without effect."""
    return node.kind is Kind.TOOL and node.effect is Effect.READ and not node.cost_micros and node.latency_ms >= SLOW_MS
