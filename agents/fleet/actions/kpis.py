"""What an agent is expected to reach, and what it reached."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.clock import business_day
from agents.base.errors import Invalid
from agents.fleet import verbs
from agents.fleet.actions.talks import note_visit
from agents.fleet.enums import Vendor, Verb
from agents.fleet.models import Agent, Goal, KpiPoint, KpiTarget
from agents.fleet.permissions import require
from agents.fleet.quorum import lock_agents
from agents.people.clean import clean
from agents.people.models import User
from audit.actions import record


@transaction.atomic
def set_kpi_target(
    agent: Agent, key: str, target: Decimal | int | str, unit: str, better: str, *, actor: User
) -> KpiTarget:
    """What the agent should reach of one KPI; `better` is "higher" or "lower". Raises `NotAllowed`, `Invalid`."""
    require(actor, agent, Verb.CONFIGURE)
    lock_agents([agent])
    return aim(agent, key, target, unit, better, actor)


def aim(agent: Agent, key: str, target: Decimal | int | str, unit: str, better: str, actor: User) -> KpiTarget:
    """`set_kpi_target` without its permission and lock, for taking in many."""
    held = KpiTarget.objects.filter(agent=agent, key=key).first() or KpiTarget(agent=agent, key=key)
    before = None if held._state.adding else str(held.target)
    held.target, held.unit, held.better = target, unit, better
    clean(held, "key", "target", "unit", "better")
    held.save()
    record(
        verbs.KPI_TARGET_SET,
        actor=actor.actor,
        team_id=agent.team_id,
        obj=agent,
        agent_id=agent.pk,
        key=key,
        before=before,
        target=held.target,
        unit=unit,
        better=better,
    )
    return held


@transaction.atomic
def set_goal(agent: Agent, *, actor: User, title: str, key: str, target: Decimal, first: dt.date, due: dt.date) -> Goal:
    """So much of one KPI, summed, from a day to another. Raises `NotAllowed`, `Invalid`."""
    require(actor, agent, Verb.CONFIGURE)
    goal = Goal(agent=agent, title=title.strip(), key=key, target=target, first=first, due=due, created_by=actor)
    clean(goal, "title", "key", "target")
    if due < first:
        raise Invalid(_("It is due before it begins."), fields={"due": [_("It is due before it begins.")]})
    if target <= 0:
        raise Invalid(_("A goal is more than nothing."), fields={"target": [_("A goal is more than nothing.")]})
    goal.save(force_insert=True)
    _note_goal(verbs.GOAL_SET, goal, actor)
    return goal


@transaction.atomic
def close_goal(goal: Goal, *, actor: User) -> None:
    """It is no longer counted; closed twice, nothing happens. Raises `NotAllowed`."""
    require(actor, goal.agent, Verb.CONFIGURE)
    if Goal.objects.filter(pk=goal.pk, closed_at=None).update(closed_at=timezone.now()):
        _note_goal(verbs.GOAL_CLOSED, goal, actor)


def _note_goal(verb: str, goal: Goal, actor: User) -> None:
    record(
        verb,
        actor=actor.actor,
        team_id=goal.agent.team_id,
        obj=goal,
        agent_id=goal.agent_id,
        key=goal.key,
        target=goal.target,
        first=goal.first,
        due=goal.due,
    )


@transaction.atomic
def report_kpi(target: KpiTarget, value: Decimal, *, actor: User, evidence: str, minutes: int) -> KpiPoint:
    """What a person read on the vendor's page of a KPI of today, in place of an earlier reading.

    Raises NotAllowed, or Invalid for a value that cannot be kept or without evidence.
    """
    agent = target.agent
    require(actor, agent, Verb.REVIEW)
    if not evidence.strip():
        why = _("Say where you pasted it, or what you saw there.")
        raise Invalid(why, fields={"evidence": [why]})
    day = business_day(timezone.now(), actor.tzinfo)
    point = KpiPoint.objects.filter(agent=agent, key=target.key, day=day).first()
    point = point or KpiPoint(agent=agent, key=target.key, day=day)
    point.value = value
    clean(point, "value")
    point.save()
    note_visit(actor, agent, minutes)
    told: dict[str, Any] = {"key": target.key, "day": day, "value": point.value, "evidence": evidence.strip()}
    record(verbs.KPI_REPORTED, actor=actor.actor, team_id=agent.team_id, obj=agent, agent_id=agent.pk, **told)
    return point


@transaction.atomic
def keep_points(points: list[KpiPoint]) -> None:
    """Keep what was measured, in place of an earlier measurement; what a vendor reported of its agent itself stays."""
    ours = [point for point in points if point.agent.vendor == Vendor.OURS]
    fields = ["value", "sample_size"]
    KpiPoint.objects.bulk_create(
        ours, update_conflicts=True, unique_fields=["agent", "key", "day"], update_fields=fields
    )
    KpiPoint.objects.bulk_create([point for point in points if point not in ours], ignore_conflicts=True)
