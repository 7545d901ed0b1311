"""Which route a run takes: as usual; where that breaks a threshold, other models, another route, a person (R-060)."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from agents.base.phrases import phrase
from agents.engine import Graph, Json
from agents.runs.enums import Route
from agents.runs.execution.foresight import COST, TIME, Past, signs_of
from agents.runs.routes import ELSEWHERE
from agents.runs.services.models import Models

KEPT = phrase("such runs keep every threshold")
BROKEN = phrase("such runs break a threshold")
NO_MODEL = phrase("there is no other model")
NO_ROUTE = phrase("the flow has no other route")
NO_BETTER = phrase("such runs break a threshold this way too")
TAKEN = phrase("what is left to try")
Weighed = list[dict[str, Json]]


def weigh(past: Sequence[Past], limits: Mapping[str, float | None], offers: Callable[[Route], str]) -> Weighed:
    """What was considered, in order, each with why: the last is taken. `offers` says why a route is not to be had."""
    broken = broken_by(by_route(past, Route.AS_USUAL), limits)
    if not broken:
        return [{"route": Route.AS_USUAL, "why": KEPT}]
    found: Weighed = [{"route": Route.AS_USUAL, "why": BROKEN}]
    for route in _ladder(broken):
        why = offers(route) or (NO_BETTER if broken_by(by_route(past, route), limits) else "")
        found.append({"route": route, "why": why or TAKEN})
        if not why:
            return found
    return [*found, {"route": Route.PERSON, "why": TAKEN}]


def by_route(past: Iterable[Past], route: Route) -> list[Past]:
    """Those of the runs that went this way."""
    return [one for one in past if one.route == route]


def broken_by(past: Sequence[Past], limits: Mapping[str, float | None]) -> set[str]:
    """The thresholds that these runs break."""
    return {sign.name for sign in signs_of(past, limits) if sign.is_broken}


def _ladder(broken: Collection[str]) -> tuple[Route, ...]:
    """Money and time want a cheaper model, which is the smaller one; doubt wants a better one."""
    model = Route.CHEAPER_MODEL if {COST, TIME} & set(broken) else Route.BETTER_MODEL
    return model, Route.OTHER_ROUTE


def offered(graph: Graph, models: Models) -> Callable[[Route], str]:
    """Why a route is not to be had with this graph and these models; "" where it is."""

    def offers(route: Route) -> str:
        if route == Route.OTHER_ROUTE:
            return "" if any(edge.criterion is ELSEWHERE for edge in graph.edges) else NO_ROUTE
        return "" if len(models.tiers) > 1 else NO_MODEL

    return offers
