"""Firing schedules: each local time of an agent's night becomes one run, however many schedulers look."""

import datetime as dt
import logging
from zoneinfo import ZoneInfo

from django.db import DatabaseError, transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from agents.base.actors import SYSTEM
from agents.base.clock import local_instant
from agents.base.errors import Refused
from agents.fleet.enums import Lifecycle
from agents.fleet.models import Agent, Schedule
from agents.fleet.queries import owner_of_night, zones_of_nights
from agents.runs import wording
from agents.runs.actions.exceptions import raise_exception
from agents.runs.actions.start import start_run
from agents.runs.enums import ExceptionKind, ExceptionState, Severity
from agents.runs.models import Run, RunException

log = logging.getLogger(__name__)
LATE = dt.timedelta(hours=24)
"""A fire missed while everything was down is made up for this long, and only the latest one."""
SAME_NIGHT = dt.timedelta(hours=12)
"""Another owner's night may come hours after the one that was fired for; work is not done twice for that."""
IDLE = (Lifecycle.PAUSED, Lifecycle.RETIRED)
CAUSE = "schedule"


def fire_schedules(now: dt.datetime | None = None) -> list[Run]:
    """Start what is due and has not been started; returns the runs of the fires that were new or raced for.

    Two queries however many schedules there are, and more only for those that are due. One that cannot be fired
    is told to the agent's owners, once for that night, and the others go on.
    """
    now = now or timezone.now()
    enabled = Schedule.objects.filter(enabled=True).exclude(agent__lifecycle__in=IDLE)
    schedules = list(enabled.select_related("agent__team").annotate(last=Max("fires__due_at")).order_by("pk"))
    zones = zones_of_nights([schedule.agent for schedule in schedules if not schedule.zone])
    runs = [_fire(schedule, now, zones) for schedule in schedules]
    return [run for run in runs if run is not None]


def _fire(schedule: Schedule, now: dt.datetime, zones: dict[Agent, ZoneInfo]) -> Run | None:
    night = now.date().isoformat()
    try:
        due_at = last_due(schedule, now, zones.get(schedule.agent))
        last: dt.datetime | None = getattr(schedule, "last", None)
        if due_at is None or (last is not None and last > due_at - SAME_NIGHT):
            return None
        night = due_at.isoformat()
        if _told(schedule).filter(evidence__night=night).exists():
            return None
        with transaction.atomic():
            return start_run(schedule.agent, actor=None, input=schedule.input, schedule=schedule, due_at=due_at)
    except Refused as refused:
        _tell(schedule, night, str(refused))
    except DatabaseError:
        log.exception("Schedule %s did not fire and is tried again", schedule.pk)
    except Exception as error:
        log.exception("Schedule %s of %s cannot be fired", schedule.pk, schedule.agent.slug)
        _tell(schedule, night, f"{type(error).__name__}: {error}")
    return None


def _told(schedule: Schedule) -> QuerySet[RunException]:
    return RunException.objects.filter(
        agent=schedule.agent, kind=ExceptionKind.FAILURE, cause=CAUSE, evidence__schedule=str(schedule.pk)
    )


@transaction.atomic
def _tell(schedule: Schedule, night: str, why: str) -> None:
    """One exception a schedule: while it is open, the next night that fails is written on it."""
    Schedule.objects.select_for_update(no_key=True).get(pk=schedule.pk)  # two schedulers may look at once
    told = _told(schedule)
    evidence = {"schedule": str(schedule.pk), "night": night}
    if told.filter(evidence__night=night).exists() or told.filter(state=ExceptionState.OPEN).update(evidence=evidence):
        return
    raise_exception(
        schedule.agent,
        kind=ExceptionKind.FAILURE,
        severity=Severity.HIGH,
        title=wording.NIGHT_MISSED % {"agent": schedule.agent},
        detail=why,
        evidence=dict(evidence),
        cause=CAUSE,
        actor=SYSTEM,
    )


def last_due(schedule: Schedule, now: dt.datetime, night: ZoneInfo | None = None) -> dt.datetime | None:
    """The latest instant at or before `now` when the schedule was due, within the last day and since it exists.

    `night` is the zone of the agent's night when it is known already.
    """
    zone = ZoneInfo(schedule.zone) if schedule.zone else night or owner_of_night(schedule.agent)
    since = max(now - LATE, schedule.created_at)
    today = now.astimezone(zone).date()
    days = [today - dt.timedelta(days=back) for back in range(-1, 3)]
    due = [local_instant(day, schedule.local_time, zone) for day in days if str(day.isoweekday()) in schedule.weekdays]
    return max((at for at in due if since < at <= now), default=None)
