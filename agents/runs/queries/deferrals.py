"""What was put off by itself, of whose minutes and until when."""

import datetime as dt

from django.db import connection
from django.db.models import QuerySet

from agents.fleet.enums import OwnerRole
from agents.fleet.models import Agent
from agents.people.models import Team, User
from agents.runs.enums import ExceptionState, ItemState, Severity
from agents.runs.models import Deferral, ReviewItem

MOST = 200
# By hand: Today asks at every look, mostly nothing sleeps, and the ORM takes longer to ask than PostgreSQL to say so.
ASLEEP = f"""
SELECT d.id FROM runs_deferral d JOIN runs_reviewitem i ON i.id = d.item_id JOIN fleet_agent a ON a.id = i.agent_id
WHERE d.person_id = %(person)s AND a.team_id = %(team)s AND d.until > statement_timestamp()
  AND i.state = '{ItemState.SNOOZED}' AND i.snoozed_until = d.until
ORDER BY d.until, d.id LIMIT {MOST}
"""


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
    """What sleeps of the person's, the next to come back first; one query, two where anything does."""
    with connection.cursor() as cursor:
        cursor.execute(ASLEEP, {"person": person.pk, "team": team.pk})
        asleep = [pk for (pk,) in cursor.fetchall()]
    found = Deferral.objects.filter(pk__in=asleep).select_related("item__exception", "item__agent")
    return list(found.order_by("until", "pk")) if asleep else []
