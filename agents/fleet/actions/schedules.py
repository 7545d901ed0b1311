"""When an agent of ours runs by itself."""

import datetime as dt
from typing import Any

from django.db import transaction

from agents.fleet import hooks, verbs
from agents.fleet.enums import Verb
from agents.fleet.models import Agent, Schedule
from agents.fleet.permissions import require
from agents.people.clean import clean
from agents.people.models import User
from audit.actions import record


@transaction.atomic
def add_schedule(
    agent: Agent,
    *,
    actor: User,
    local_time: dt.time | str,
    zone: str = "",
    weekdays: str = "1234567",
    input: dict[str, Any] | None = None,
) -> Schedule:
    """Runs the agent at this local time of these weekdays (Monday is 1), in `zone` or else in its owner's.

    `input` is what every one of its runs starts with. Raises `NotAllowed`, `Invalid` (`bad_input` when the agent's flow
    could not run on that).
    """
    require(actor, agent, Verb.CONFIGURE)
    for check in hooks.schedule_input:
        check(agent, input or {})
    schedule = Schedule(agent=agent, local_time=local_time, zone=zone, weekdays=weekdays, input=input or {})
    clean(schedule, "local_time", "zone", "weekdays")
    schedule.save(force_insert=True)
    _record(verbs.SCHEDULE_ADDED, schedule, actor)
    return schedule


@transaction.atomic
def remove_schedule(schedule: Schedule, *, actor: User) -> None:
    """It fires no more; the runs it started stay. Raises `NotAllowed`."""
    require(actor, schedule.agent, Verb.CONFIGURE)
    _record(verbs.SCHEDULE_REMOVED, schedule, actor)
    schedule.delete()


def _record(verb: str, schedule: Schedule, actor: User) -> None:
    agent = schedule.agent
    record(
        verb,
        actor=actor.actor,
        team_id=agent.team_id,
        obj=agent,
        agent_id=agent.pk,
        schedule=schedule.pk,
        local_time=schedule.local_time.isoformat(),
        zone=schedule.zone,
        weekdays=schedule.weekdays,
    )
