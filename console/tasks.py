"""Wake-up calls of the console: an action called."""

from celery import shared_task
from django.utils import timezone

from agents.flows.cost_reviews import review_month
from agents.people.models import Team
from campaigns.actions import measure_context
from console.demo import stages
from console.kpis.deferring import defer_overflow
from console.kpis.points import measure
from console.kpis.thresholds import watch


@shared_task(name="kpis.measure")  # type: ignore[untyped-decorator]
def measure_teams() -> None:
    for team in Team.objects.order_by("pk"):
        measure(team)
        measure_context(team)
        watch(team)
        review_month(team)


@shared_task(name="kpis.defer")  # type: ignore[untyped-decorator]
def defer_overflows() -> None:
    for team in Team.objects.order_by("pk"):
        defer_overflow(team, timezone.now())


@shared_task(name="demo.morning")  # type: ignore[untyped-decorator]
def demo_morning() -> None:
    """Right after the demo was built: its night is done while people already look."""
    stages.morning()
