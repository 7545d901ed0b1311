"""A run's stored steps as patterns are recognised in them: visits in a row, branches at once, what was passed on."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, pairwise
from typing import Any

from agents.engine import ALWAYS
from agents.runs.enums import StepState
from agents.runs.models import Step

ENDED = (StepState.CONFIRMED, StepState.FAILED)
MODELS = ("role", "router", "judge")
"""Kinds of nodes that usually ask a model."""


@dataclass(frozen=True)
class Trace:
    """`graph` as the engine describes it, and the run's steps in order."""

    graph: Mapping[str, Any]
    steps: Sequence[Step]

    @cached_property
    def visits(self) -> list[Step]:
        """The visits of the flow's own nodes, one after another."""
        return [one for one in self.steps if one.key == f"{one.node}/{one.visit}"]

    @cached_property
    def pairs(self) -> list[tuple[Step, Step]]:
        """Each visit with the one after it."""
        return list(pairwise(self.visits))

    @cached_property
    def roles(self) -> list[Step]:
        return [one for one in self.visits if one.kind in MODELS]

    @cached_property
    def sets(self) -> dict[str, list[Step]]:
        """The branches that have ended of every visit of a parallel set, by the key of that visit, sub-flows' too."""
        found: defaultdict[str, list[Step]] = defaultdict(list)
        for one in self.steps:
            parent, _, last = one.key.rpartition("/")
            if one.branch and last == one.branch and _ended(one):
                found[parent].append(one)
        return {key: sorted(steps, key=lambda one: (len(one.key), one.key)) for key, steps in found.items()}

    @cached_property
    def ways(self) -> dict[str, list[str]]:
        """Where each node may lead once it has delivered."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for edge in self.graph["edges"]:
            if edge["on"] == "done":
                found[edge["source"]].append(edge["target"])
        return dict(found)

    def held(self, one: Step, other: Step) -> str:
        """The criterion of the way between them; "" where that is the only one left."""
        ways = (edge for edge in self.graph["edges"] if (edge["source"], edge["target"]) == (one.node, other.node))
        return next((str(edge["criterion"]) for edge in ways if edge["criterion"] != ALWAYS.text), "")

    @cached_property
    def spawning(self) -> set[str]:
        """The sets whose number of branches is decided while the flow runs."""
        return {node["name"] for node in self.graph["nodes"] if node.get("each")}

    def choices(self) -> Iterator[tuple[Step, Step]]:
        """Each visit from which there was more than one way, and the step that was reached."""
        for one, other in self.pairs:
            ways = self.ways.get(one.node, [])
            if len(ways) > 1 and other.node in ways:
                yield one, other

    def inside(self, key: str) -> list[Step]:
        return [one for one in self.steps if one.key.startswith(f"{key}/")]


def _ended(step: Step) -> bool:
    return step.state in ENDED and step.started_at is not None and step.finished_at is not None


def after(step: Step, other: Step) -> bool:
    """Whether it began once the other had ended."""
    return bool(step.started_at and other.finished_at and other.finished_at <= step.started_at)


def at_once(steps: Sequence[Step]) -> list[Step]:
    """Those of them that ran while another one did."""
    both = [pair for pair in combinations(steps, 2) if not (after(*pair) or after(*pair[::-1]))]
    return [one for one in steps if any(one in pair for pair in both)]


def given(step: Step, other: Step) -> bool:
    """Whether it was given what the other had brought."""
    read = step.input if isinstance(step.input, Mapping) else {}
    return other.output is not None and read.get(other.node) == other.output


def parts(step: Step) -> Mapping[str, Any]:
    """What it brought, by name; nothing of an output without names."""
    return step.output if isinstance(step.output, Mapping) else {}


def brought(step: Step, *names: str) -> bool:
    """Whether its output has these parts, none of them empty."""
    return all(parts(step).get(name) for name in names)
