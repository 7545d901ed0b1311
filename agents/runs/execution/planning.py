"""The plan of a run: stored before its first step, with the route that was decided on and why (R-170, R-172)."""

from collections.abc import Mapping

from agents.base.money import MICRO
from agents.base.phrases import phrase
from agents.engine import ALWAYS, Course, Edge, Effect, Failed, Graph, Json, Kind, Node
from agents.runs.enums import Route
from agents.runs.execution.foresight import COST, TIME, limits_of, past_of, signs_of
from agents.runs.execution.weighing import by_route, offered, weigh
from agents.runs.inputs import channel_of
from agents.runs.models import Run, RunPlan
from agents.runs.routes import ELSEWHERE
from agents.runs.services import Services

ANOTHER_MODEL = phrase("another model")
TOO_DEAR = phrase("Such a run has cost %(usual)s %(currency)s lately; this one may cost %(cap)s.")
TOO_SLOW = phrase("Such a run has taken %(usual)s s lately; its channel waits %(most)s s.")


def plan(run: Run, graph: Graph, services: Services, settings: Mapping[str, Json]) -> RunPlan | None:
    """The plan of a run that asks a model, made before its first step and never again; else None."""
    if not any(_asks_model(node) for node in graph.nodes):
        return None
    made = RunPlan.objects.filter(run=run).first() if run.fence > 1 else None
    if made or run.steps_done:
        return made
    return _made(run, graph, services, settings)


def hopeless(made: RunPlan, run: Run) -> Failed | None:
    """Why the run does not begin: it would cost or take too long whatever is tried, so a person has it at once."""
    broken = {sign["sign"]: sign for sign in made.signals["signs"] if sign["broken"]}
    if made.route != Route.PERSON or not {COST, TIME} & set(broken):
        return None
    if sign := broken.get(COST):
        usual, cap = (f"{micros / MICRO:.6f}" for micros in (sign["now"], sign["limit"]))
        return Failed("plan", TOO_DEAR % {"usual": usual, "cap": cap, "currency": run.currency})
    usual, most = (round(ms / 1000) for ms in (broken[TIME]["now"], broken[TIME]["limit"]))
    return Failed("plan", TOO_SLOW % {"usual": usual, "most": most})


def _made(run: Run, graph: Graph, services: Services, settings: Mapping[str, Json]) -> RunPlan:
    past, limits = past_of(run), limits_of(run, services.policy.rules, settings)
    weighed = weigh(past, limits, offered(graph, services.models))
    signs = [sign.as_json() for sign in signs_of(by_route(past, Route.AS_USUAL), limits)]
    route, path = Route(weighed[-1]["route"]), expected_path(graph)
    usual = [one.micros for one in by_route(past, route) or past]
    return RunPlan.objects.create(
        run=run,
        stages=[_stage(node, graph) for node in path],
        most_micros=sum(_most(node, graph) for node in path),
        projected_micros=round(sum(usual) / len(usual)) if usual else None,
        basis=len(usual),
        target_ms=sum(node.latency_ms for node in path if node.kind is not Kind.PERSON),
        route=route,
        signals={"channel": channel_of(run.input), "signs": signs},
        weighed=weighed,
    )


def expected_path(graph: Graph) -> list[Node]:
    """The nodes from the start along the first new way on from each, a person only where there is no other."""
    path: list[Node] = []
    node: Node | None = graph.by_name[graph.start]
    while node:
        path.append(node)
        node = _next(node, path, graph)
    return path


def _next(node: Node, path: list[Node], graph: Graph) -> Node | None:
    """Where the path leads from its last node; where that turns back, from the node that it turns back to."""
    back: list[Node] = []
    while node not in back:
        back.append(node)
        ways = [graph.by_name[way.target] for way in _ways(node, graph)]
        likely = [one for one in ways if one.kind is not Kind.PERSON] or ways
        if fresh := [one for one in likely if one not in path]:
            return fresh[0]
        if likely:
            node = likely[0]
    return None


def _ways(node: Node, graph: Graph) -> list[Edge]:
    """The ways on from a node, in order; those of another route after them."""
    return sorted(graph.ways(node.name, Course.DONE), key=lambda way: way.criterion is ELSEWHERE)


def _stage(node: Node, graph: Graph) -> dict[str, Json]:
    """Scope, data allowed, what runs at once, supervision and the limits of one stage (R-171)."""
    ways = _ways(node, graph)
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
    ways = [*_ways(node, graph)[1:], *graph.ways(node.name, Course.FAILED)]
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
