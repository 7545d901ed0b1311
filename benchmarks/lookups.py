"""Three look-ups of two seconds each that stand one after another in a flow and do not read each other."""

import time
from itertools import pairwise

from agents.engine import ALWAYS, Context, Edge, Graph, Kind, Node, Result, Slo
from agents.engine.ahead import SLOW_MS
from agents.fleet.models import Flow, FlowVersion
from agents.runs.actions import start_run
from agents.runs.execution.drive import drive
from agents.runs.models import Run
from agents.runs.queries.timing import saving
from agents.runs.registry import FlowContext
from benchmarks.fleet import make_agents, make_team
from benchmarks.stand import Stand
from benchmarks.table import Row, at_most, spread

SLUG = "look-ups"
NAMES = ("orders", "policy", "history")


def build(context: FlowContext) -> Graph:
    """The look-ups in a row; each takes as long as the version's settings say."""

    def look_up(call: Context) -> Result:
        time.sleep(float(context.settings["seconds"]))
        return Result({"at": call.key})

    limits = {"latency_ms": SLOW_MS, "cost_micros": 0}
    nodes = tuple(Node(name=name, kind=Kind.TOOL, call=look_up, exit=ALWAYS, **limits) for name in NAMES)
    edges = tuple(Edge(source=a, target=b, criterion=ALWAYS) for a, b in pairwise(NAMES))
    slo = Slo(latency_ms=3 * SLOW_MS)
    return Graph(name=SLUG, pattern="prompt chaining", start=NAMES[0], nodes=nodes, edges=edges, slo=slo)


def run(stand: Stand, *, quick: bool) -> list[Row]:
    """From the claim to the run's last write; each look-up must have been made once."""
    seconds, repeats = (0.2, 1) if quick else (2.0, 3)
    team = make_team()
    (agent,) = make_agents(team, 1, steps=1)
    flow = Flow.objects.create(team=team, slug=SLUG, name=SLUG, pattern="prompt chaining")
    version = FlowVersion.objects.create(flow=flow, number=1, graph={}, settings={"seconds": seconds})
    taken, saved = list[float](), list[float]()
    for _ in range(repeats):
        run = start_run(agent, actor=None, input={}, flow_version=version)
        begun = time.perf_counter()
        drive(run.pk)
        taken.append(time.perf_counter() - begun)
        saved.append(_saved(run))
    what = f"three look-ups of {seconds:g} s, in a row"
    return [at_most(what, spread(taken, "s"), seconds * 1.1), Row("saved, as the run says", spread(saved, "%"))]


def _saved(run: Run) -> float:
    steps = list(run.steps.all())
    assert sorted(step.node for step in steps) == sorted(NAMES)
    return saving(steps).percent
