"""A shipped flow: its graph with what people need to choose it and to try it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from agents.engine import Graph
from agents.flows.drift import judged
from agents.flows.parts import TEXT_INPUT
from agents.flows.purpose import purposeful
from agents.flows.roles import Role
from agents.runs.registry import FlowContext


@dataclass(frozen=True)
class Recipe:
    """`example` is an input that shows the flow at work; `roles` are those whose prompts it needs.

    A long flow without a goal of its own has its summary as one.
    """

    name: str
    summary: str
    graph: Graph
    roles: tuple[Role, ...]
    example: Mapping[str, Any]
    input: Mapping[str, Any] = field(default_factory=lambda: TEXT_INPUT)
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Thresholds of the flow's first version, where a team may have its own."""
    tools: Collection[str] = ()
    """An agent that has none of these granted cannot show the flow at work."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "graph", purposeful(self.graph, self.summary))

    @property
    def slug(self) -> str:
        return self.graph.name

    def build(self, context: FlowContext) -> Graph:
        """The graph of one run: the same for all, but for who judges its goal."""
        return judged(self.graph, context)
