"""The plan of a run: stored before its first step, held against what such runs cost and what this one may (R-170)."""

from collections.abc import Sequence

from django.db import transaction

from agents.base.money import MICRO
from agents.base.phrases import phrase
from agents.engine import ALWAYS, Course, Effect, Failed, Graph, Json, Kind, Node
from agents.fleet.models import Assignment
from agents.runs.enums import RunState
from agents.runs.models import Run, RunPlan

BEFORE = 50
"""How many earlier runs a projection looks at, the newest."""
ANOTHER_MODEL = phrase("another model")
TOO_DEAR = phrase("Such a run has cost %(usual)s %(currency)s lately; this one may cost %(cap)s.")


def plan(run: Run, graph: Graph) -> Failed | None:
    """Store the plan of a run that asks a model and has not begun. Failed when it would not come far with its cap.

    Again: the plan stays as it was first written. A flow without a model costs nothing, so nothing is projected.
    """
    path = expected_path(graph)
    if run.steps_done or not any(_asks_model(node) for node in graph.nodes):
        return None
    usual = _usual(run)
    mean = round(sum(usual) / len(usual)) if usual else None
    with transaction.atomic():
        RunPlan.objects.bulk_create([_row(run, graph, path, mean, len(usual))], ignore_conflicts=True)
    held: Assignment | None = getattr(run.agent, "assignment", None)
    if mean is None or held is None or mean <= held.run_cap_micros:
        return None
    usual_said, cap = (f"{micros / MICRO:.6f}" for micros in (mean, held.run_cap_micros))
    amounts = {"usual": usual_said, "cap": cap, "currency": run.currency}
    return Failed("plan", TOO_DEAR % amounts)


def expected_path(graph: Graph) -> list[Node]:
    """The nodes from the start along the first way on from each, a person only where there is no other, none twice."""
    path, node = [], graph.by_name[graph.start]
    while node not in path:
        path.append(node)
        ways = [graph.by_name[way.target] for way in graph.ways(node.name, Course.DONE)]
        likely = [one for one in ways if one.kind is not Kind.PERSON] or ways
        if not likely:
            break
        node = likely[0]
    return path


def _row(run: Run, graph: Graph, path: Sequence[Node], mean: int | None, basis: int) -> RunPlan:
    return RunPlan(
        run=run,
        stages=[_stage(node, graph) for node in path],
        most_micros=sum(_most(node, graph) for node in path),
        projected_micros=mean,
        basis=basis,
        target_ms=sum(node.latency_ms for node in path if node.kind is not Kind.PERSON),
    )


def _stage(node: Node, graph: Graph) -> dict[str, Json]:
    """Scope, data allowed, what runs at once, supervision and the limits of one stage (R-171)."""
    ways = graph.ways(node.name, Course.DONE)
    supervised = any(graph.by_name[way.target].kind is Kind.PERSON for way in ways)
    return {
        "node": node.name,
        "kind": node.kind.value,
        "reads": list(node.reads),
        "at_once": list(node.branches),
        "per_item": node.each is not None,
        "supervised": supervised or node.kind is Kind.PERSON,
        "otherwise": _otherwise(node, graph),
        "certain": len(ways) == 1 and ways[0].criterion is ALWAYS,
        "most_micros": _most(node, graph),
        "latency_ms": node.latency_ms,
    }


def _otherwise(node: Node, graph: Graph) -> list[str]:
    """What is tried in this order when the stage falls short: another model, other nodes, a person (R-060)."""
    ways = [*graph.ways(node.name, Course.DONE)[1:], *graph.ways(node.name, Course.FAILED)]
    targets = dict.fromkeys(way.target for way in ways)
    people = [name for name in targets if graph.by_name[name].kind is Kind.PERSON]
    routes = [name for name in targets if name not in people]
    return [*([ANOTHER_MODEL] if node.effect is Effect.MODEL else []), *routes, *people]


def _most(node: Node, graph: Graph) -> int:
    inner = sum(_most(each, node.flow) for each in expected_path(node.flow)) if node.flow else 0
    return (node.cost_micros or 0) + inner + sum(_most(graph.by_name[name], graph) for name in node.branches)


def _asks_model(node: Node) -> bool:
    within = node.kind is Kind.ROLE and bool(node.cost_micros)  # its calls are steps of their own
    return node.effect is Effect.MODEL or within or (node.flow is not None and any(map(_asks_model, node.flow.nodes)))


def _usual(run: Run) -> list[int]:
    """What the agent's last runs of this version cost, in micro-units."""
    done = Run.objects.filter(agent=run.agent_id, flow_version=run.flow_version_id, state=RunState.DONE)
    return list(done.order_by("-created_at").values_list("cost_micros", flat=True)[:BEFORE])
