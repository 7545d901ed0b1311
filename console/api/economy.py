"""What a flow did in vain, and how long its callers waited."""

from datetime import timedelta

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema

from agents.runs.models import Run
from agents.runs.queries.activations import Activations, activations
from agents.runs.queries.lane_calls import Lane, lane
from console.api.access import READ, agents
from console.api.explained import Period

router = Router(tags=["runs"])


class ActivationsOut(Schema):
    """Of one node, or (`node` empty) of all; `wasted_micros` is what the unneeded ones cost."""

    node: str
    n: int
    unneeded: int
    percent: float
    wasted_micros: int


class LaneOut(Schema):
    """Callers who waited: `late` missed their deadline, `full` found no seat; `percent` of both."""

    n: int
    late: int
    full: int
    percent: float
    p50_ms: int
    p95_ms: int


@router.get("/flows/{slug:slug}/activations", response=list[ActivationsOut], auth=READ)
def flow_activations(request: HttpRequest, slug: str, period: Query[Period]) -> list[Activations]:
    """How often a model was set to work and nothing came of it, in the newest fifty runs that are done."""
    return activations(_runs(request, slug, period))


@router.get("/flows/{slug:slug}/lane", response=LaneOut | None, auth=READ)
def flow_lane(request: HttpRequest, slug: str, period: Query[Period]) -> Lane | None:
    """How often the synchronous lane kept its deadline; null while nobody has waited."""
    return lane(_runs(request, slug, period))


def _runs(request: HttpRequest, slug: str, period: Period) -> QuerySet[Run]:
    since = timezone.now() - timedelta(days=period.days)
    return Run.objects.filter(agent__in=agents(request), flow_version__flow__slug=slug, created_at__gte=since)
