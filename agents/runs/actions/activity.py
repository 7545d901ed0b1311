"""Minutes people really give an agent: heartbeats of an open page, without the time they were away."""

from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from agents.base.clock import business_day
from agents.base.ids import uuid7
from agents.fleet.enums import Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import require
from agents.people.models import User

BEAT_MOST_S = 60
"""A page beats more often than this while somebody is active; a longer silence was a pause, and is not counted."""
# Never more than has passed since the person's last beat with whichever agent: two tabs are still one person.
BEAT = """
INSERT INTO fleet_reviewtime AS held (id, user_id, agent_id, day, seconds, last_at)
SELECT %(id)s, %(user)s, %(agent)s, %(day)s, greatest(0, least(%(seconds)s, %(most)s, coalesce(extract(epoch FROM
  clock_timestamp() - (SELECT max(last_at) FROM fleet_reviewtime WHERE user_id = %(user)s)), %(most)s)))::int,
  clock_timestamp()
ON CONFLICT (user_id, agent_id, day)
DO UPDATE SET seconds = held.seconds + excluded.seconds, last_at = excluded.last_at
RETURNING seconds
"""


@transaction.atomic
def note_activity(user: User, agent: Agent, seconds: int) -> int:
    """The person was active on this agent's page for so many seconds until now; returns the day's total with it.

    Raises NotAllowed.
    """
    require(user, agent, Verb.VIEW)
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # one beat of a person at a time
    given: dict[str, Any] = {
        "id": uuid7(),
        "user": user.pk,
        "agent": agent.pk,
        "day": business_day(timezone.now(), user.tzinfo),
        "seconds": seconds,
        "most": BEAT_MOST_S,
    }
    with connection.cursor() as cursor:
        cursor.execute(BEAT, given)
        return int(cursor.fetchone()[0])
