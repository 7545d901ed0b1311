"""What each step of a run rests on, read off the graph that was walked; and so, what was made from it.

A step rests on what its node reads, on the calls, questions and branches inside it, and on whoever chose this way: the
router, judge or person just before it, or the step that failed there. A run without a graph is a chain: each step rests
on the one before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from agents.runs.enums import StepState
from agents.runs.models import Step

CHOOSERS = ("router", "judge", "person")
UNDO = "undo"


@dataclass(frozen=True)
class Lineage:
    """`sources`: by a step's key, the keys of the steps it rests on directly."""

    steps: Sequence[Step]
    sources: Mapping[str, frozenset[str]]

    def behind(self, key: str) -> list[Step]:
        """The step and all that it rests on, in order."""
        return self._reached(key, self.sources)

    def made_from(self, key: str) -> list[Step]:
        """All that rests on the step, in order, without itself."""
        uses: dict[str, set[str]] = {}
        for user, sources in self.sources.items():
            for source in sources:
                uses.setdefault(source, set()).add(user)
        return [step for step in self._reached(key, uses) if step.key != key]

    def _reached(self, key: str, ways: Mapping[str, Iterable[str]]) -> list[Step]:
        reached, ahead = set[str](), [key]
        while ahead:
            if (one := ahead.pop()) not in reached:
                reached.add(one)
                ahead.extend(ways.get(one, ()))
        return [step for step in self.steps if step.key in reached]


def lineage(graph: Mapping[str, Any] | None, steps: Sequence[Step]) -> Lineage:
    """Of one run's `steps` in order; `graph` as the engine describes it, or none."""
    if not graph:
        return Lineage(steps, {after.key: frozenset({before.key}) for before, after in pairwise(steps)})
    sources: dict[str, set[str]] = {step.key: set() for step in steps}
    _Frame(steps, sources, graph, "", frozenset()).read()
    return Lineage(steps, {key: frozenset(found - {key}) for key, found in sources.items()})


@dataclass(frozen=True)
class _Frame:
    """One walk: the run's own, or a sub-flow's under `prefix`, whose input is made of the steps `given`."""

    steps: Sequence[Step]
    sources: dict[str, set[str]]
    graph: Mapping[str, Any]
    prefix: str
    given: frozenset[str]

    def read(self) -> str:
        """Fill in what this walk's steps rest on; the key of its last one."""
        nodes = {node["name"]: node for node in self.graph["nodes"]}
        own = [step for step in self.steps if step.node in nodes and self._owns(step)]
        for place, step in enumerate(own):
            self._one(step, nodes, [before for before in own[:place] if not _beside(before, step)])
        ends = [step for step in own if not step.branch]
        return ends[-1].key if ends else ""

    def _owns(self, step: Step) -> bool:
        """Whether it is a node's visit or a branch of this walk: no call in it, no walk inside it."""
        if not step.key.startswith(self.prefix):
            return False
        parts = step.key.removeprefix(self.prefix).split("/")
        return len(parts) == 3 and parts[2] == step.branch if step.branch else len(parts) == 2

    def _one(self, step: Step, nodes: Mapping[str, Any], before: Sequence[Step]) -> None:
        reads = set(nodes[step.node]["reads"])
        if "item" in reads:  # of the set around it
            reads |= set(nodes[step.key.removeprefix(self.prefix).split("/")[0]]["reads"])
        latest = {one.node: one.key for one in before}
        direct = {latest[name] for name in reads if name in latest} | (self.given if "input" in reads else set())
        way = [one for one in before if not one.branch][-1:]
        direct |= {one.key for one in way if nodes[one.node]["kind"] in CHOOSERS or one.state == StepState.FAILED}
        self.sources[step.key] |= direct
        if (flow := nodes[step.node].get("flow")) is not None:
            inner = _Frame(self.steps, self.sources, flow, f"{step.key}/", frozenset(direct)).read()
            self.sources[step.key] |= {inner} - {""}
        else:
            self._inside(step, direct)

    def _inside(self, step: Step, direct: set[str]) -> None:
        """A set rests on its branches; another node on its calls and questions, which rest on what it rests on."""
        for one in self.steps:
            rest = one.key.removeprefix(f"{step.key}/")
            if rest == UNDO:
                self.sources[one.key].add(step.key)
            elif rest == one.branch if step.kind == "parallel" else rest != one.key:
                self.sources[step.key].add(one.key)
                self.sources[one.key] |= set() if step.kind == "parallel" else direct


def _beside(one: Step, step: Step) -> bool:
    """Whether the two are branches of one set, which do not see each other."""
    return bool(step.branch and one.branch) and one.key.rpartition("/")[0] == step.key.rpartition("/")[0]
