"""Minutes: what each agent took before and takes now, what that saves, and how much faster the whole can get at all."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import connection

from agents.fleet.permissions import SEEN
from agents.people.models import Team, User
from agents.runs.queries import Trust, pooled, trust

DAYS, WEEKS = 7, 4
# Days on which nobody gave the fleet a minute are no days of work, and do not make the average look better.
MINUTES = f"""
WITH seen AS (SELECT * FROM fleet_agent
              WHERE team_id = %(team)s AND lifecycle IN ('live', 'onboarding') AND id IN ({SEEN})),
given AS (SELECT agent_id, day, seconds FROM fleet_reviewtime
          WHERE agent_id IN (SELECT id FROM seen) AND day > %(day)s - {DAYS} AND day <= %(day)s),
worked AS (SELECT greatest(count(DISTINCT day), 1) AS days FROM given)
SELECT a.id, a.slug, a.name, a.baseline_minutes, (SELECT days FROM worked),
  (SELECT coalesce(sum(seconds), 0) FROM given WHERE agent_id = a.id)::float8 / 60 / (SELECT days FROM worked),
  (SELECT coalesce(sum(extract(epoch FROM r.finished_at - r.started_at)), 0) FROM runs_run r
   WHERE r.agent_id = a.id AND r.state_since > %(day)s - {DAYS} AND r.finished_at > r.started_at)::float8 / 60 / {DAYS},
  EXISTS (SELECT FROM fleet_oneonone WHERE agent_id = a.id AND day = %(day)s),
  (SELECT coalesce(sum(value), 0) FROM fleet_kpipoint WHERE agent_id = a.id AND key = 'visits' AND day = %(day)s)::int
FROM seen a ORDER BY 6 DESC, a.name
"""
LOAD = f"""
WITH days AS (SELECT %(tomorrow)s - 7 * n AS day FROM generate_series(1, {WEEKS}) n),
seen AS (SELECT id FROM fleet_agent WHERE team_id = %(team)s AND id IN ({SEEN}))
SELECT (SELECT count(*) FROM runs_runexception e WHERE e.agent_id IN (SELECT id FROM seen)
    AND e.opened_at >= d.day::timestamp AT TIME ZONE %(zone)s
    AND e.opened_at < (d.day + 1)::timestamp AT TIME ZONE %(zone)s),
  (SELECT coalesce(sum(seconds), 0) FROM fleet_reviewtime t WHERE t.day = d.day AND t.agent_id IN (SELECT id FROM seen))
FROM days d
"""


@dataclass(frozen=True)
class AgentMinutes:
    """One agent: minutes of people a day before and now, and of its own work; `visits` to its own page today."""

    agent: uuid.UUID
    slug: str
    name: str
    before: int
    days: int
    now: float
    work: float
    met: bool
    visits: int
    trust: Trust

    @property
    def saved(self) -> float:
        return self.before - self.now


@dataclass(frozen=True)
class Ceiling:
    """Amdahl's law (AFIPS 30, 1967): a share p of the work at s times the speed makes the whole 1/((1-p)+p/s) faster.

    Here p is the agents' share of all minutes worked, and s how many agents work at once; the rest is people.
    """

    people: float
    work: float
    agents: int

    @property
    def share(self) -> float:
        """The people's part, which no agent makes shorter; from 0 to 1."""
        whole = self.people + self.work
        return self.people / whole if whole else 0.0

    @property
    def now(self) -> float:
        return 1 / (self.share + (1 - self.share) / max(self.agents, 1))

    @property
    def most(self) -> float | None:
        """With as many agents as one likes; None when people give no minute."""
        return 1 / self.share if self.share else None


@dataclass(frozen=True)
class Load:
    """What the same weekday brought: items, and minutes that people gave, on average of the weeks that are known."""

    day: dt.date
    items: int
    minutes: int
    weeks: int


@dataclass(frozen=True)
class Minutes:
    """`days` of the last seven were worked."""

    agents: list[AgentMinutes]
    load: Load

    @property
    def before(self) -> int:
        return sum(each.before for each in self.agents)

    @property
    def now(self) -> float:
        return sum(each.now for each in self.agents)

    @property
    def met(self) -> int:
        return sum(each.met for each in self.agents)

    @property
    def visits(self) -> int:
        return sum(each.visits for each in self.agents)

    @property
    def ceilings(self) -> tuple[Ceiling, Ceiling]:
        """Before the console and now."""
        work, many = sum(each.work for each in self.agents), len(self.agents)
        return Ceiling(float(self.before), work, many), Ceiling(self.now, work, many)

    @property
    def trust(self) -> Trust:
        return pooled(each.trust for each in self.agents)


def minutes(user: User, team: Team, day: dt.date) -> Minutes:
    """Of the agents the person may see, of a business day of theirs. Three queries."""
    with connection.cursor() as cursor:
        cursor.execute(MINUTES, {"team": team.pk, "user": user.pk, "day": day})
        rows = cursor.fetchall()
    known = trust([row[0] for row in rows])
    agents = [
        AgentMinutes(agent, slug, name, before, days, now, work, met, visits, known[agent])
        for agent, slug, name, before, days, now, work, met, visits in rows
    ]
    return Minutes(agents, _load(user, team, day + dt.timedelta(days=1)))


def _load(user: User, team: Team, tomorrow: dt.date) -> Load:
    with connection.cursor() as cursor:
        cursor.execute(LOAD, {"team": team.pk, "user": user.pk, "tomorrow": tomorrow, "zone": user.zone})
        known = [(items, seconds) for items, seconds in cursor.fetchall() if items or seconds]
    weeks = max(len(known), 1)
    items, seconds = sum(row[0] for row in known) / weeks, sum(row[1] for row in known) / weeks
    return Load(tomorrow, round(items), round(seconds / 60), len(known))
