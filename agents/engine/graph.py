"""The graph: a flow written down. An edge without a criterion, or a node without its limits, is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from agents.engine.call import Call, Effect, Result
from agents.engine.describe import described
from agents.engine.state import Json, State
from agents.engine.validate import check


class Kind(StrEnum):
    """What a node is. A role, router or judge usually asks a model; the engine does not insist."""

    ROLE = "role"
    TOOL = "tool"
    ROUTER = "router"
    PARALLEL = "parallel"
    JOIN = "join"
    JUDGE = "judge"
    PERSON = "person"
    FLOW = "flow"


class Course(StrEnum):
    """When an edge is considered: after its source delivered, or after it failed or missed its exit criterion."""

    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Criterion:
    """A condition with the words people read. `holds` is pure: the same state, the same answer, at every replay."""

    text: str
    holds: Callable[[State], bool]


ALWAYS = Criterion("always", lambda state: True)
"""For the single way on; said aloud, because an edge without a criterion is refused."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """One step of a flow. All but PARALLEL and FLOW have a `call`; a PERSON's call returns a Question."""

    name: str
    kind: Kind
    exit: Criterion | None = None
    """What the output must meet to count as delivered."""
    latency_ms: int = 0
    """Target for one visit, in milliseconds."""
    cost_micros: int | None = None
    """Most that one visit may cost, in millionths of the currency; reserved before a call with an effect."""
    call: Call | None = None
    reads: tuple[str, ...] = ("input",)
    """The only parts of the state the call is given: `input`, or names of nodes."""
    effect: Effect = Effect.READ
    idempotent: bool = False
    """The receiver takes the same key twice as once, so an unclear write may simply be sent again."""
    max_visits: int = 10
    branches: tuple[str, ...] = ()
    """PARALLEL: the nodes that run at once. They have no edges of their own."""
    each: Callable[[State], Sequence[Json]] | None = None
    """PARALLEL with one branch: it runs once for each of these items, decided while the flow runs, and reads `item`."""
    when: Criterion | None = None
    """A branch: it runs only where this holds; else it is skipped, and the set's output says that and why."""
    flow: Graph | None = None
    """FLOW: the sub-flow. What this node reads is its input (the bare value, if only one thing is read); its result
    is this node's output."""
    undo: Call | None = None
    """Takes a confirmed write back when the flow fails later; given the step's own `input` and `output`."""


@dataclass(frozen=True, kw_only=True)
class Edge:
    """The way from `source` to `target`. Of those that hold, the first in the graph's order is taken."""

    source: str
    target: str
    criterion: Criterion | None = None
    on: Course = Course.DONE
    handoff: bool = False
    """Control passes from one peer to another; the loop guards count these apart."""


@dataclass(frozen=True, slots=True)
class Goal:
    """What a long flow is for, and what must hold all the way; said again, and checked, at every checkpoint.

    `judge`, given services, state and what is said again, may add to what is `broken`, for up to `cost_micros`.
    """

    text: str
    constraints: tuple[Criterion, ...] = ()
    judge: Callable[..., Result] = lambda services, state, said: Result(said)
    cost_micros: int = 0


@dataclass(frozen=True, slots=True)
class Slo:
    """The promise of a whole flow: `share` (0–1) of its runs end within `latency_ms`, waiting for people aside."""

    latency_ms: int
    share: float = 0.95


@dataclass(frozen=True, kw_only=True)
class Graph:
    """A flow. Building one that may not run raises InvalidGraph with every problem in plain words."""

    name: str
    pattern: str
    """The orchestration pattern by its canonical name (requirements.md §2)."""
    start: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...] = ()
    slo: Slo
    max_steps: int = 50
    max_handoffs: int = 5
    goal: Goal | None = None
    """Nodes may read it as `goal` after the first checkpoint (`checkpoint.EVERY` steps)."""
    fallback: str = ""
    """The node that gets what a guardrail refuses."""

    def __post_init__(self) -> None:
        check(self)

    @cached_property
    def by_name(self) -> dict[str, Node]:
        return {node.name: node for node in self.nodes}

    def ways(self, source: str, on: Course) -> tuple[Edge, ...]:
        """The edges out of `source` for this course, in order."""
        return tuple(edge for edge in self.edges if edge.source == source and edge.on is on)

    def describe(self) -> dict[str, Json]:
        """The graph as JSON, for a page to draw."""
        return described(self)
