"""Wake-up calls: an id in, an action called. The rows are the truth."""

import uuid

from celery import shared_task

from agents.people.models import Team
from agents.runs import actions
from agents.runs.execution.drive import drive


@shared_task(name="runs.wake")  # type: ignore[untyped-decorator]
def wake(run_id: str) -> None:
    """Carry the run as far as it goes, if it is to be had."""
    drive(uuid.UUID(run_id))


@shared_task(name="runs.sweep")  # type: ignore[untyped-decorator]
def sweep() -> None:
    actions.sweep()


@shared_task(name="runs.fire_schedules")  # type: ignore[untyped-decorator]
def fire_schedules() -> None:
    actions.fire_schedules()


@shared_task(name="runs.open_reviews")  # type: ignore[untyped-decorator]
def open_reviews() -> None:
    """The days of every team whose nights have ended, and with them the order of what is open."""
    for team in Team.objects.order_by("pk"):
        if actions.open_reviews(team):
            actions.rank_items(team.pk)


@shared_task(name="runs.rank")  # type: ignore[untyped-decorator]
def rank() -> None:
    actions.rank_items()


@shared_task(name="runs.send_canaries")  # type: ignore[untyped-decorator]
def send_canaries() -> None:
    actions.send_canaries()


@shared_task(name="runs.canary")  # type: ignore[untyped-decorator]
def canary(queue: str) -> None:
    actions.see_canary(queue)
