"""A flow that does nothing, so that only the durability of its steps is measured."""

from itertools import pairwise

from agents.engine import ALWAYS, Context, Edge, Effect, Graph, Kind, Node, Result, Slo
from agents.runs.registry import FlowContext

SLUG = "no-op"
PATTERN = "prompt chaining"
PRICE = 1_000
"""What a call to a model may cost here, in millionths: reserved, then found to have cost nothing."""


def nothing(context: Context) -> Result:
    """One step's work: none."""
    return Result({"n": 1})


def chain(steps: int, effect: Effect = Effect.READ) -> Graph:
    """`steps` nodes in a row."""
    names = [f"step-{number}" for number in range(steps)]
    kind, price = (Kind.ROLE, PRICE) if effect is Effect.MODEL else (Kind.TOOL, 0)
    nodes = [
        Node(name=name, kind=kind, effect=effect, call=nothing, exit=ALWAYS, latency_ms=1, cost_micros=price)
        for name in names
    ]
    edges = [Edge(source=a, target=b, criterion=ALWAYS) for a, b in pairwise(names)]
    slo = Slo(latency_ms=1000)
    return Graph(name=SLUG, pattern=PATTERN, start=names[0], nodes=tuple(nodes), edges=tuple(edges), slo=slo)


def build(context: FlowContext) -> Graph:
    """As many steps as the version's settings say, each with their effect."""
    return chain(int(context.settings["steps"]), Effect(str(context.settings.get("effect", Effect.READ))))
