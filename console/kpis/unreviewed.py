"""Days on which nobody looked at an agent, and whether it did worse after them."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from math import atanh, sqrt, tanh
from statistics import fmean

from django.db import connection

from agents.fleet.permissions import SEEN
from agents.people.models import Team, User
from console.kpis.scope import WRONG

DAYS = 28
LEAST = 10
"""Days beside one an agent, from which on a correlation is told: of fewer nearly any would come by chance."""
QUANTILE = 1.96
# A day counts by its review; `unlooked` are those in a row, up to it, that were not decided. What follows is told of
# the runs that ended on the next day: those of the same day were what there was to look at.
UNREVIEWED = f"""
WITH seen AS (
  SELECT id, slug, name FROM fleet_agent
  WHERE team_id = %(team)s AND lifecycle <> 'retired' AND id IN ({SEEN})),
days AS (
  SELECT agent_id, day, state IN ('approved', 'needs_change', 'escalated') AS looked FROM runs_dailyreview
  WHERE agent_id IN (SELECT id FROM seen) AND day >= %(day)s - {DAYS} AND day < %(day)s),
turns AS (SELECT *, sum(looked::int) OVER (PARTITION BY agent_id ORDER BY day) AS turn FROM days),
told AS (
  SELECT agent_id, day, count(*) FILTER (WHERE NOT looked) OVER (PARTITION BY agent_id, turn ORDER BY day) AS unlooked
  FROM turns)
SELECT a.slug, a.name, t.unlooked, r.good, r.ended FROM told t JOIN seen a ON a.id = t.agent_id
CROSS JOIN LATERAL (
  SELECT count(*) AS ended, count(*) FILTER (WHERE state = 'done' AND NOT {WRONG}) AS good FROM runs_run ran
  WHERE agent_id = t.agent_id AND state IN ('done', 'failed', 'quarantined')
    AND state_since >= (t.day + 1)::timestamp AT TIME ZONE %(zone)s
    AND state_since < (t.day + 2)::timestamp AT TIME ZONE %(zone)s OFFSET 0) r
ORDER BY a.name, a.slug, t.day
"""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of one agent: how many in a row nobody had looked by then, and of what ended on the next, what was good.

    Good is done and not found wrong later, as the KPI `success_rate` counts it.
    """

    unlooked: int
    good: int
    ended: int

    @property
    def rate(self) -> float:
        return self.good / self.ended


@dataclass(frozen=True, slots=True)
class Decline:
    """One agent's last 28 days, the oldest first."""

    slug: str
    name: str
    days: Sequence[Day]

    @property
    def unlooked(self) -> int:
        """Days nobody looked at."""
        return sum(day.unlooked > 0 for day in self.days)

    @property
    def now(self) -> int:
        """In a row, up to yesterday."""
        return self.days[-1].unlooked

    @property
    def after_looked(self) -> float | None:
        """Share of good runs on the days after one that somebody looked at; None where none ended."""
        return _rate(day for day in self.days if not day.unlooked)

    @property
    def after_unlooked(self) -> float | None:
        return _rate(day for day in self.days if day.unlooked)

    @property
    def change(self) -> float | None:
        if self.after_looked is None or self.after_unlooked is None:
            return None
        return self.after_unlooked - self.after_looked


@dataclass(frozen=True, slots=True)
class Correlation:
    """Of days in a row without a look and the next day's share of good runs, over `n` days of all agents.

    Both are taken against each agent's own average, so that an agent that is always worse, or always looked at, tells
    nothing. With 95 % confidence it lies between `low` and `high` (Fisher 1921).
    """

    r: float
    low: float
    high: float
    n: int


def declines(user: User, team: Team, day: dt.date) -> list[Decline]:
    """Of the agents the person may see, those with days that nobody looked at, most first; one query."""
    with connection.cursor() as cursor:
        cursor.execute(UNREVIEWED, {"team": team.pk, "user": user.pk, "day": day, "zone": user.zone})
        rows = cursor.fetchall()
    found = [
        Decline(slug, name, [Day(*row[2:]) for row in mine])
        for (slug, name), mine in groupby(rows, key=lambda row: row[:2])
    ]
    return sorted((each for each in found if each.unlooked), key=lambda each: -each.unlooked)


def correlation(found: Iterable[Decline]) -> Correlation | None:
    """None below LEAST days, or where nothing varies."""
    each_agent = [pairs for each in found if (pairs := _around([day for day in each.days if day.ended]))]
    pairs = list(chain(*each_agent))
    free = len(pairs) - len(each_agent)
    spread = sqrt(sum(x * x for x, _y in pairs) * sum(y * y for _x, y in pairs))
    if free < LEAST or not spread:
        return None
    r = sum(x * y for x, y in pairs) / spread
    z, error = atanh(max(min(r, 0.999), -0.999)), QUANTILE / sqrt(free - 2)
    return Correlation(r, tanh(z - error), tanh(z + error), len(pairs))


def _around(days: Sequence[Day]) -> list[tuple[float, float]]:
    if not days:
        return []
    middle, usual = fmean(day.unlooked for day in days), fmean(day.rate for day in days)
    return [(day.unlooked - middle, day.rate - usual) for day in days]


def _rate(days: Iterable[Day]) -> float | None:
    counted = [(day.good, day.ended) for day in days]
    ended = sum(ended for _good, ended in counted)
    return sum(good for good, _ended in counted) / ended if ended else None
