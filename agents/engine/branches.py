"""What a parallel set runs at once: its named branches, or one branch for each item, and what of them is skipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agents.engine.errors import LoopGuard
from agents.engine.graph import Graph, Node
from agents.engine.state import Json, State

MOST = 50  # branches of one set


@dataclass(frozen=True, slots=True)
class Branch:
    """One branch as it would run. `name` is its place in the set's output; `skipped` is what stands there instead."""

    name: str
    number: str
    node: Node
    state: State
    skipped: Json = None


def branches_of(graph: Graph, parallel: Node, state: State, key: str) -> Sequence[Branch]:
    """The branches of one visit, in order. Raises LoopGuard (`max_branches`) for more than `MOST`."""
    if parallel.each is None:
        return [_named(graph.by_name[name], f"b{n}", state) for n, name in enumerate(parallel.branches)]
    items, node = parallel.each(state), graph.by_name[parallel.branches[0]]
    if len(items) > MOST:
        raise LoopGuard("max_branches", f"“{parallel.name}” was to run {len(items)} branches at once", key)
    seen = [replace(state, outputs={**state.outputs, "item": item}) for item in items]
    return [Branch(f"b{n}", f"b{n}", node, one) for n, one in enumerate(seen)]


def _named(node: Node, number: str, state: State) -> Branch:
    if node.when is None or node.when.holds(state):
        return Branch(node.name, number, node, state)
    skipped = {"branch": number, "output": None, "error": "", "skipped": f"this does not hold: {node.when.text}"}
    return Branch(node.name, number, node, state, skipped)
