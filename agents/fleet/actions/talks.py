"""Meeting an agent, and the minutes that a visit to its own page cost."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from agents.base.clock import business_day
from agents.base.hooks import notify
from agents.fleet.enums import Verb
from agents.fleet.models import Agent, KpiPoint, OneOnOne, ReviewTime
from agents.fleet.permissions import require
from agents.people.models import User

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


def note_visit(user: User, agent: Agent, minutes: int) -> None:
    """The person was on the agent's own page: minutes of theirs, and one visit more (KPI `visits`) that day.

    The caller has checked that they may.
    """
    day = business_day(timezone.now(), user.tzinfo)
    spent, _new = ReviewTime.objects.get_or_create(user=user, agent=agent, day=day)
    ReviewTime.objects.filter(pk=spent.pk).update(seconds=F("seconds") + minutes * 60)
    visits, _new = KpiPoint.objects.get_or_create(agent=agent, key=VISITS, day=day, defaults={"value": 0})
    KpiPoint.objects.filter(pk=visits.pk).update(value=F("value") + 1)
