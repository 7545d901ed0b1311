"""Loop guards: no walk goes round for ever."""

from __future__ import annotations

from collections import Counter

from agents.engine.errors import LoopGuard
from agents.engine.graph import Edge, Graph, Node
from agents.engine.journal import StepRecord

SAME_AGAIN = 3
"""A node that is to be given one and the same input for this time is going in circles."""


class Guard:
    """Counts the steps of one walk of one graph; a replay counts them again, so a resume changes nothing."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.steps = self.handoffs = 0
        self.inputs: Counter[tuple[str, str]] = Counter()

    def admit(self, node: Node, intent: StepRecord) -> None:
        """Count one more step. Raises LoopGuard instead of letting it run."""
        self.steps += 1
        self.inputs[node.name, intent.input_sha256] += 1
        most = self.graph.max_steps
        if self.steps > most:
            raise LoopGuard("max_steps", f"“{self.graph.name}” took {most} steps without an end", intent.key)
        if intent.visit > node.max_visits:
            raise LoopGuard("max_visits", f"“{node.name}” ran {node.max_visits} times without a way out", intent.key)
        if self.inputs[node.name, intent.input_sha256] >= SAME_AGAIN:
            raise LoopGuard("repeated_state", f"“{node.name}” would run on the same input again", intent.key)

    def follow(self, edge: Edge, key: str) -> None:
        """Count a handoff after the step `key`. Raises LoopGuard when control has been passed on too often."""
        self.handoffs += edge.handoff
        if self.handoffs > self.graph.max_handoffs:
            raise LoopGuard("max_handoffs", f"“{self.graph.name}” was handed on {self.graph.max_handoffs} times", key)
