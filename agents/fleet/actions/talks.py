"""Meeting an agent, and the minutes that a visit to its own page cost."""

import datetime as dt

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from agents.base.clock import business_day
from agents.base.hooks import notify
from agents.fleet import verbs
from agents.fleet.enums import Verb
from agents.fleet.models import Agent, KpiPoint, OneOnOne, ReviewTime
from agents.fleet.permissions import require
from agents.people.models import User
from audit.actions import record

A_VISIT = dt.timedelta(minutes=30)
VISITS = "visits"
"""The KPI that counts how often people had to go to an agent's own page."""


@transaction.atomic
def open_one_on_one(agent: Agent, *, actor: User) -> OneOnOne:
    """The person opened the 1:1; the second time a day changes nothing. Raises NotAllowed."""
    require(actor, agent, Verb.REVIEW)
    day = business_day(timezone.now(), actor.tzinfo)
    met, new = OneOnOne.objects.get_or_create(agent=agent, user=actor, day=day)
    if new:
        notify("queue")
    return met


@transaction.atomic
def open_vendor(agent: Agent, *, actor: User) -> None:
    """The person goes to the agent's own page: a visit, with its line in the trail. Raises NotAllowed."""
    require(actor, agent, Verb.VIEW)
    note_visit(actor, agent, 0)
    record(verbs.VENDOR_OPENED, actor=actor.actor, team_id=agent.team_id, obj=agent, agent_id=agent.pk)


def note_visit(user: User, agent: Agent, minutes: int) -> None:
    """The person was on the agent's own page: minutes of theirs, and one visit more (KPI `visits`) that day.

    What is clicked and ticked there within half an hour is one visit. The caller has checked that they may.
    """
    now = timezone.now()
    day = business_day(now, user.tzinfo)
    spent, _new = ReviewTime.objects.get_or_create(user=user, agent=agent, day=day)
    found = ReviewTime.objects.filter(pk=spent.pk)
    found.update(seconds=F("seconds") + minutes * 60)
    if not found.filter(Q(visited_at=None) | Q(visited_at__lt=now - A_VISIT)).update(visited_at=now):
        return
    visits, _new = KpiPoint.objects.get_or_create(agent=agent, key=VISITS, day=day, defaults={"value": 0})
    KpiPoint.objects.filter(pk=visits.pk).update(value=F("value") + 1)
