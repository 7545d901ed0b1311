"""What the page of a flow says before it is chosen."""

from typing import Any

from django.db.models import QuerySet

from agents.flows import counsel
from agents.flows.patterns import COMPARED, HEAVY
from agents.flows.recipe import Recipe
from agents.runs.models import Run
from agents.runs.queries.figures import Figures, figures


def counselled(found: Recipe, fared: list[Figures], lately: QuerySet[Run]) -> dict[str, Any]:
    """`lately`: runs of all flows, of which a heavy pattern is held against the lightest that would do."""
    graph, burden = found.graph, HEAVY.get(found.graph.pattern, "")
    took = counsel.serial_ms(graph)
    return {
        "serial_ms": took,
        "synchronous_ms": counsel.SYNCHRONOUS_MS,
        "is_too_slow": took > counsel.SYNCHRONOUS_MS,
        "is_over_slo": took > graph.slo.latency_ms,
        "separable": counsel.separable(graph),
        "done_when": list(counsel.done_when(graph)),
        "asks_when": counsel.asks_when(graph),
        "burden": burden,
        "beside": _beside(fared, lately) if burden else [],
    }


def _beside(fared: list[Figures], lately: QuerySet[Run]) -> list[dict[str, Any]]:
    """The newest version of this flow and of the one it is compared with, as far as either has run."""
    other = figures(lately.filter(flow_version__flow__slug=COMPARED))
    newest = [next((one for one in rows if not one.node), None) for rows in (fared, other)]
    return [{"figures": one, "each_micros": one.cost_micros // one.n} for one in newest if one and one.n]
