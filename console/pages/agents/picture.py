"""Everything the page of one agent shows."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.clock import local_instant
from agents.fleet.enums import Vendor, Verb
from agents.fleet.models import Agent, Assignment, KpiPoint, KpiTarget, Schedule
from agents.fleet.permissions import appointable, verbs_on
from agents.fleet.queries import owner_of_night, seats
from agents.fleet.queries.knowledge import documents
from agents.fleet.queries.policies import second_person_above
from agents.people.models import User
from agents.people.queries import role_in
from agents.runs.actions.caps import TEAM_CAPS_BY
from agents.runs.budgets import day_budget
from agents.runs.enums import ExceptionState
from agents.runs.models import Run, RunException
from audit import verbs
from audit.models import AuditEvent
from console.evidence import in_words
from console.pages.agents.part_forms import WEEKDAYS
from console.pages.agents.reach import connection_part

RECENT = 8


@dataclass(frozen=True)
class Fire:
    """A schedule and the next instant it really fires, clock changes included."""

    schedule: Schedule
    zone: ZoneInfo
    next_at: dt.datetime

    @property
    def weekdays(self) -> str:
        """ "every day", or the days by their short names."""
        if len(self.schedule.weekdays) == 7:
            return _("every day")
        return " ".join(str(dict(WEEKDAYS)[day]) for day in self.schedule.weekdays)


@dataclass(frozen=True)
class Act:
    """One line of the trail in the reader's language."""

    event: AuditEvent
    label: str


def live_part(agent: Agent) -> dict[str, Any]:
    """What changes by itself: read again whenever something happens."""
    status = getattr(agent, "status", None)
    exceptions = RunException.objects.filter(agent=agent, state=ExceptionState.OPEN)
    return {
        "agent": agent,
        "evidence": in_words(status.evidence) if status else {},
        "runs": Run.objects.filter(agent=agent).order_by("-created_at")[:RECENT],
        "exceptions": exceptions.order_by("opened_at")[:RECENT],
    }


def picture(agent: Agent, user: User) -> dict[str, Any]:
    """The whole page, in a fixed number of queries."""
    may = verbs_on(user, agent)
    return live_part(agent) | {
        "may": {verb.value: verb in may for verb in Verb},
        "language": dict(settings.LANGUAGES).get(agent.language, agent.language),
        "appoints": appointable(user).filter(pk=agent.pk).exists(),
        "seats": list(seats().filter(agent=agent)),
        "targets": targets(agent),
        "fires": fires(agent),
        "documents": documents(agent),
        "assignment": Assignment.objects.filter(agent=agent).select_related("flow_version__flow").first(),
        "day_budget": day_budget(agent) if agent.vendor == Vendor.OURS else None,
        "second_above": second_person_above(agent),
        "sets_team_cap": role_in(user, agent.team_id) in TEAM_CAPS_BY,
        "acts": [Act(event, verbs.label(event.verb)) for event in trail(agent)],
        **connection_part(agent),
    }


def targets(agent: Agent) -> QuerySet[KpiTarget]:
    """Each target with the last value measured, if there is one."""
    points = KpiPoint.objects.filter(agent=OuterRef("agent"), key=OuterRef("key")).order_by("-day")
    last = {"last": Subquery(points.values("value")[:1]), "last_day": Subquery(points.values("day")[:1])}
    return KpiTarget.objects.filter(agent=agent).annotate(**last).order_by("key")


def trail(agent: Agent) -> QuerySet[AuditEvent]:
    """The last acts about this agent."""
    return AuditEvent.objects.filter(agent_id=agent.pk).order_by(F("seq").desc())[:RECENT]


def fires(agent: Agent) -> list[Fire]:
    """The agent's schedules, each with the next instant it fires."""
    schedules = list(Schedule.objects.filter(agent=agent, enabled=True).order_by("local_time", "pk"))
    night = owner_of_night(agent) if any(not schedule.zone for schedule in schedules) else ZoneInfo("UTC")
    return [fire(each, ZoneInfo(each.zone) if each.zone else night, timezone.now()) for each in schedules]


def fire(schedule: Schedule, zone: ZoneInfo, now: dt.datetime) -> Fire:
    """The first of the coming eight days on which the schedule falls and its instant is still ahead."""
    today = now.astimezone(zone).date()
    days = (today + dt.timedelta(days=ahead) for ahead in range(9))
    wanted = (day for day in days if str(day.isoweekday()) in schedule.weekdays)
    instants = (local_instant(day, schedule.local_time, zone) for day in wanted)
    return Fire(schedule, zone, next(instant for instant in instants if instant > now))
