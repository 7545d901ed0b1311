"""A flow that does nothing, so that only the durability of its steps is measured."""

from itertools import pairwise

from agents.engine import ALWAYS, Context, Edge, Graph, Kind, Node, Result, Slo
from agents.runs.registry import FlowContext

SLUG = "no-op"
PATTERN = "prompt chaining"


def nothing(context: Context) -> Result:
    """One step's work: none."""
    return Result({"n": 1})


def chain(steps: int) -> Graph:
    """`steps` nodes in a row."""
    names = [f"step-{number}" for number in range(steps)]
    nodes = [Node(name=name, kind=Kind.TOOL, call=nothing, exit=ALWAYS, latency_ms=1, cost_micros=0) for name in names]
    edges = [Edge(source=a, target=b, criterion=ALWAYS) for a, b in pairwise(names)]
    slo = Slo(latency_ms=1000)
    return Graph(name=SLUG, pattern=PATTERN, start=names[0], nodes=tuple(nodes), edges=tuple(edges), slo=slo)


def build(context: FlowContext) -> Graph:
    """As many steps as the version's settings say."""
    return chain(int(context.settings["steps"]))
