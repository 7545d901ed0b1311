"""Writing the figures of each agent's night as points, for curves and for comparing with its targets."""

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from agents.base.money import MICRO
from agents.fleet.actions import keep_points
from agents.fleet.enums import Lifecycle
from agents.fleet.models import Agent, KpiPoint
from agents.fleet.queries import zones_of_nights
from agents.people.models import Team
from agents.runs.window import day_to_review
from console.kpis.outcomes import ACHIEVED, DAYS, MONEY, NAMES, SPEND, columns

POINTS = f"""
WITH seen AS (SELECT * FROM fleet_agent WHERE id = ANY(%(agents)s)),
{DAYS}
{ACHIEVED}
SELECT a.agent, coalesce(p.runs, 0), a.meetings, a.pipeline, a.resolved, CASE WHEN NOT p.elsewhere THEN p.spend END
FROM achieved a LEFT JOIN (
  SELECT s.agent, sum(s.runs)::int AS runs, sum(s.spend) AS spend,
    coalesce(bool_or(s.spend > 0 AND s.currency <> CASE WHEN t.unit ~ '^[A-Z]{{3}}$' THEN t.unit ELSE f.currency END),
             false) AS elsewhere
  FROM spent s JOIN seen f ON f.id = s.agent LEFT JOIN fleet_kpitarget t ON t.agent_id = f.id AND t.key = '{SPEND}'
  GROUP BY 1) p ON p.agent = a.agent
"""
# A point has no currency: its target says one or is in the agent's, and a cost in another is not held against it.


def measure(team: Team, now: dt.datetime | None = None) -> int:
    """Points of each agent's last ended night; how many. Again: the same points, brought up to date."""
    agents = list(Agent.objects.filter(team=team).exclude(lifecycle=Lifecycle.RETIRED).select_related("team"))
    by_zone: dict[ZoneInfo, list[Agent]] = defaultdict(list)
    for agent, zone in zones_of_nights(agents).items():
        by_zone[zone].append(agent)
    return sum(_measure(listed, zone, now or timezone.now()) for zone, listed in by_zone.items())


def _measure(agents: list[Agent], zone: ZoneInfo, now: dt.datetime) -> int:
    day = day_to_review(now, zone) or now.astimezone(zone).date() - dt.timedelta(days=1)
    by_id = {agent.pk: agent for agent in agents}
    with connection.cursor() as cursor:
        cursor.execute(POINTS, {"agents": list(by_id), **columns([day], zone)})
        rows = cursor.fetchall()
    points = [point for agent, runs, *values in rows for point in _points(by_id[agent], day, runs, values)]
    keep_points(points)
    return len(points)


def _points(agent: Agent, day: dt.date, runs: int, values: list[int | None]) -> list[KpiPoint]:
    """What the agent costs, unless nobody told it, and what it achieved of the things it does at all."""
    named = zip(NAMES.items(), values, strict=True)
    return [
        KpiPoint(
            agent=agent, key=key, day=day, sample_size=runs, value=Decimal(value) / (MICRO if unit == MONEY else 1)
        )
        for (key, (_name, unit)), value in named
        if value or (key == SPEND and value is not None)
    ]
