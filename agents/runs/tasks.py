"""Wake-up calls: an id in, an action called. The rows are the truth."""

import time
import uuid

from celery import Task, shared_task

from agents.people.models import Team
from agents.runs import actions
from agents.runs.execution.drive import drive_next
from agents.runs.execution.stopping import stopping
from agents.runs.metering import meter
from agents.runs.services.answers import forget_answers
from agents.runs.standby import stand_by
from agents.runs.wake import tell

TURN_S = 1.0
"""Who worked this long leaves the rest of its share to whoever is free."""
SHIFT_S = 30.0
"""A task that went on this long is over: Celery counts its time and tasks."""


@shared_task(name="runs.wake", bind=True)  # type: ignore[untyped-decorator]
def wake(self: Task, *run_ids: str) -> None:
    """Carry the runs out, then those that come while this process stands by for them."""
    queue, until = self.request.delivery_info["routing_key"], time.monotonic() + SHIFT_S
    left = list(run_ids)
    while left:
        _carry_out(left, queue)
        left = [] if stopping() or time.monotonic() > until else stand_by(queue)


def _carry_out(run_ids: list[str], queue: str) -> None:
    """Each run as far as it goes, if it is to be had, and whatever is more pressing before it."""
    until = time.monotonic() + TURN_S
    left = list(run_ids)
    while left:
        if drive_next(uuid.UUID(left[0])):
            del left[0]
        if left and (stopping() or time.monotonic() > until):
            tell(left, queue)
            break


@shared_task(name="runs.carry_out_what_if")  # type: ignore[untyped-decorator]
def carry_out_what_if(what_if_id: str) -> None:
    actions.carry_out_what_if(uuid.UUID(what_if_id))


@shared_task(name="runs.sweep")  # type: ignore[untyped-decorator]
def sweep() -> None:
    actions.sweep()


@shared_task(name="runs.release")  # type: ignore[untyped-decorator]
def release() -> None:
    actions.release_due()


@shared_task(name="runs.fire_schedules")  # type: ignore[untyped-decorator]
def fire_schedules() -> None:
    actions.fire_schedules()


@shared_task(name="runs.open_reviews")  # type: ignore[untyped-decorator]
def open_reviews() -> None:
    """The days of every team whose nights have ended, with them the order of what is open; and what came in since."""
    for team in Team.objects.order_by("pk"):
        if actions.open_reviews(team):
            actions.rank_items(team.pk)
    actions.check_outputs()


@shared_task(name="runs.rank")  # type: ignore[untyped-decorator]
def rank() -> None:
    """Learn from what was decided since last night, rank what is open, forget what is past its end, and propose what
    resolved cases teach."""
    for team in Team.objects.order_by("pk"):
        actions.fit_ranking(team)
        actions.account_for_traces(team)
    actions.rank_items()
    forget_answers()
    actions.forget_old()
    actions.propose_knowledge()


@shared_task(name="runs.assess")  # type: ignore[untyped-decorator]
def assess() -> None:
    """Signs of trouble of runs that went on, and of agents too many of whose runs fail."""
    actions.assess_runs()
    actions.break_circuits()


@shared_task(name="runs.meter")  # type: ignore[untyped-decorator]
def measure() -> None:
    meter()


@shared_task(name="runs.send_canaries")  # type: ignore[untyped-decorator]
def send_canaries() -> None:
    actions.send_canaries()


@shared_task(name="runs.canary")  # type: ignore[untyped-decorator]
def canary(queue: str) -> None:
    actions.see_canary(queue)
