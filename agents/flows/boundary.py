"""Where a flow's automation ends: the steps that stay human (R-057)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agents.engine import Graph, Kind, Node
from agents.fleet.policy import SAMPLES
from agents.runs.sampling import EVERYBODY


@dataclass(frozen=True)
class Boundary:
    """`human` are the steps at which a person decides, `steps` all there are, sub-flows' own included.

    `seen` is the share of its texts, 0 to 1, that the policy has a person look at before they leave.
    """

    human: tuple[Node, ...]
    steps: int
    seen: float = 0.0

    @property
    def is_unattended(self) -> bool:
        """Whether a run may end without anybody ever having been able to stop it."""
        return not self.human and self.seen < 1

    @property
    def percent(self) -> int:
        """Of the steps, those that no person takes."""
        return 100 * (self.steps - len(self.human)) // self.steps


def boundary(graph: Graph, rules: Mapping[str, Any]) -> Boundary:
    """Of this flow under these rules of its team's policy; a rule from an amount on lets smaller ones pass."""
    nodes = list(_nodes(graph))
    samples = rules.get(SAMPLES, {})
    told = samples.get(graph.name) or samples.get(EVERYBODY) or {}
    seen = told["share"] if told.get("before") and not told.get("least") else 0.0
    return Boundary(tuple(node for node in nodes if node.kind is Kind.PERSON), len(nodes), seen)


def _nodes(graph: Graph) -> Iterator[Node]:
    for node in graph.nodes:
        if node.flow is None:
            yield node
        else:
            yield from _nodes(node.flow)
