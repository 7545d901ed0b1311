"""What was put off by itself, of whose minutes and until when."""

import datetime as dt

from django.db.models import F, QuerySet
from django.db.models.functions import Now

from agents.fleet.enums import OwnerRole
from agents.fleet.models import Agent
from agents.people.models import Team, User
from agents.runs.enums import ExceptionState, ItemState, Severity
from agents.runs.models import Deferral, ReviewItem

MOST = 200


def deferrable(agents: list[Agent], person: User, day: dt.date) -> QuerySet[ReviewItem]:
    """What can wait of these agents: the person's own turn, of low or medium severity, and nobody and no run waits.

    What was put off once that day is left to people.
    """
    theirs = {"agent__owners__user": person, "agent__owners__role": OwnerRole.PRIMARY}  # one owner: in one `filter`
    mine = ReviewItem.objects.filter(**theirs, agent__in=agents, assignee=None, state=ItemState.OPEN)
    waits = {"exception__step_key": "", "exception__expires_at": None, "exception__state": ExceptionState.OPEN}
    mild = mine.filter(**waits, exception__severity__in=(Severity.LOW, Severity.MEDIUM))
    return mild.exclude(deferrals__day=day).order_by("rank", "pk")[:MOST]


def deferred(person: User, team: Team) -> list[Deferral]:
    """What sleeps of the person's, the next to come back first; one query."""
    asleep = {"item__state": ItemState.SNOOZED, "item__snoozed_until": F("until"), "until__gt": Now()}
    found = Deferral.objects.filter(person=person, item__agent__team=team, **asleep)
    return list(found.select_related("item__exception", "item__agent").order_by("until", "pk")[:MOST])
