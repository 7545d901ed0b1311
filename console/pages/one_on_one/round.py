"""Going round the fleet: whose turn it is before and after this agent, and with how many somebody has met today."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from agents.base.clock import business_day
from agents.fleet.models import Agent
from agents.fleet.permissions import SEEN
from agents.people.models import Team, User
from agents.runs.queries.worst import LOSS

ACTIVE = f"""
SELECT a.slug, EXISTS (SELECT FROM fleet_oneonone WHERE agent_id = a.id AND day = %(day)s)
FROM fleet_agent a WHERE a.team_id = %(team)s AND a.lifecycle IN ('live', 'onboarding') AND a.id IN ({SEEN})
ORDER BY {LOSS.format(agent="a.id")} DESC, a.name
"""


@dataclass(frozen=True)
class Round:
    """The active agents of the team as Today lists them, the worst first, seen from one of them.

    `place` counts from 1, 0 for an agent that takes no part; `before` and `after` are their short names.
    """

    place: int
    total: int
    met: int
    met_this: bool
    before: str
    after: str


def whose_turn(user: User, team: Team) -> str:
    """The short name of the worst agent that nobody has met today, "" when all were met; one query."""
    listed = _active(team.pk, user, business_day(timezone.now(), user.tzinfo))
    return next((slug for slug, met in listed if not met), "")


def round_of(agent: Agent, user: User) -> Round:
    """One query."""
    listed = _active(agent.team_id, user, business_day(timezone.now(), user.tzinfo))
    slugs = [slug for slug, _met in listed]
    at = slugs.index(agent.slug) if agent.slug in slugs else -1
    return Round(
        place=at + 1,
        total=len(slugs),
        met=sum(met for _slug, met in listed),
        met_this=at >= 0 and listed[at][1],
        before=slugs[at - 1] if at > 0 else "",
        after=slugs[at + 1] if at + 1 < len(slugs) else "",
    )


def _active(team: uuid.UUID, user: User, day: dt.date) -> list[tuple[str, bool]]:
    with connection.cursor() as cursor:
        cursor.execute(ACTIVE, {"team": team, "user": user.pk, "day": day})
        return list(cursor.fetchall())
