"""How many of a flow's activations of a model nothing rests on, node by node (R-184)."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from django.db.models import QuerySet

from agents.fleet.models import FlowVersion
from agents.runs.lineage import lineage
from agents.runs.models import Output, Run, Step
from agents.runs.queries.delegations import activated, used

LOOKED_AT = 50
"""Runs that are looked at, the newest that are over: each is followed step by step."""
READ = ("run_id", "key", "seq", "node", "kind", "effect", "branch", "visit", "state", "model", "cost_micros")


@dataclass(frozen=True, slots=True)
class Activations:
    """Of one node, or (`node` empty) of all; `wasted_micros` is what the unneeded ones cost."""

    node: str
    n: int = 0
    unneeded: int = 0
    wasted_micros: int = 0

    def __add__(self, other: "Activations") -> "Activations":
        wasted = self.wasted_micros + other.wasted_micros
        return Activations(self.node, self.n + other.n, self.unneeded + other.unneeded, wasted)

    @property
    def percent(self) -> float:
        """Unneeded ÷ all (requirements §3, unneeded activations)."""
        return 100 * self.unneeded / self.n if self.n else 0


def activations(runs: QuerySet[Run]) -> list[Activations]:
    """Of the newest `LOOKED_AT` of these runs that are done: all together, then each node; empty without any."""
    found: dict[str, Activations] = {}
    for one in _each(runs):
        for name in ("", one.node):
            found[name] = found.get(name, Activations(name)) + one
    return sorted(found.values(), key=lambda one: (bool(one.node), -one.unneeded, one.node))


def _each(runs: QuerySet[Run]) -> Iterator[Activations]:
    done = runs.filter(state="done").order_by("-created_at", "-pk").values_list("pk", "flow_version")[:LOOKED_AT]
    version_of = dict(done)
    versions = FlowVersion.objects.in_bulk(set(version_of.values()))
    outputs = defaultdict(list)
    for run, key in Output.objects.filter(run__in=version_of).values_list("run", "step_key"):
        outputs[run].append(key)
    steps = Step.objects.filter(run__in=version_of).only(*READ).order_by("run", "seq")
    for run, told in groupby(steps, key=lambda step: step.run_id):
        found = lineage(versions[version_of[run]].graph, list(told))
        needed = used(found, outputs[run])
        for step in activated(found.steps):
            idle = step.key not in needed
            yield Activations(step.node, 1, int(idle), step.cost_micros if idle else 0)
