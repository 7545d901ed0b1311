"""How flows fared, and why a run came out as it did."""

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from agents.runs.models import Run
from agents.runs.queries.figures import Figures, figures
from console.api.access import READ, agents

router = Router(tags=["runs"])


class Period(Schema):
    """The last `days`, today included."""

    days: int = Field(30, ge=1, le=366)


class FiguresOut(Schema):
    """Of one node, or (`node` empty) of a version's runs as a whole; times without waiting for people."""

    flow: str
    version: int
    node: str
    n: int
    p50_ms: int | None
    p95_ms: int | None
    p99_ms: int | None
    retries: int
    refusals: int
    asked: int
    failed: int
    cost_micros: int


@router.get("/flows/{slug:slug}/figures", response=list[FiguresOut], auth=READ)
def flow_figures(request: HttpRequest, slug: str, period: Query[Period]) -> list[Figures]:
    """Times, tries, refusals, questions, failures and cost of each version and node, newest version first."""
    since = timezone.now() - timedelta(days=period.days)
    return figures(Run.objects.filter(agent__in=agents(request), flow_version__flow__slug=slug, created_at__gte=since))
