"""Firing schedules: each local time of an agent's night becomes one run, however many schedulers look."""

import datetime as dt
import logging
from zoneinfo import ZoneInfo

from django.utils import timezone

from agents.base.clock import local_instant
from agents.base.errors import Refused
from agents.fleet.enums import Lifecycle
from agents.fleet.models import Schedule
from agents.fleet.queries import owner_of_night
from agents.runs.actions.start import start_run
from agents.runs.models import Run

log = logging.getLogger(__name__)
LATE = dt.timedelta(hours=24)
"""A fire missed while everything was down is made up for this long, and only the latest one."""
SAME_NIGHT = dt.timedelta(hours=12)
"""Another owner's night may come hours after the one that was fired for; work is not done twice for that."""
IDLE = (Lifecycle.PAUSED, Lifecycle.RETIRED)


def fire_schedules(now: dt.datetime | None = None) -> list[Run]:
    """Start what is due and has not been started; returns the runs of the fires that were new or raced for."""
    now = now or timezone.now()
    schedules = Schedule.objects.filter(enabled=True).exclude(agent__lifecycle__in=IDLE)
    runs = [_fire(schedule, now) for schedule in schedules.select_related("agent__team").order_by("pk")]
    return [run for run in runs if run is not None]


def _fire(schedule: Schedule, now: dt.datetime) -> Run | None:
    due_at = last_due(schedule, now)
    if due_at is None or Run.objects.filter(schedule=schedule, due_at__gt=due_at - SAME_NIGHT).exists():
        return None
    try:
        return start_run(schedule.agent, actor=None, input=schedule.input, schedule=schedule, due_at=due_at)
    except Refused as refused:
        log.warning("Schedule %s of %s did not fire: %s", schedule.pk, schedule.agent.slug, refused)
        return None


def last_due(schedule: Schedule, now: dt.datetime) -> dt.datetime | None:
    """The latest instant at or before `now` when the schedule was due, within the last day and since it exists."""
    zone = ZoneInfo(schedule.zone) if schedule.zone else owner_of_night(schedule.agent)
    since = max(now - LATE, schedule.created_at)
    today = now.astimezone(zone).date()
    days = [today - dt.timedelta(days=back) for back in range(-1, 3)]
    due = [local_instant(day, schedule.local_time, zone) for day in days if str(day.isoweekday()) in schedule.weekdays]
    return max((at for at in due if since < at <= now), default=None)
