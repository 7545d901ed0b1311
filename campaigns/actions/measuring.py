"""How long agents went on with what no longer held, and how long a broadcast took to be confirmed, a day (R-067)."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from agents.base.clock import business_day, local_instant
from agents.fleet.actions import keep_points
from agents.fleet.models import Agent, KpiPoint
from agents.people.models import Team
from campaigns.enums import CONFIRMED, Rung

STALE_MINUTES, PROPAGATION_MINUTES = "stale_minutes", "propagation_minutes"
# From a broadcast until the agent has confirmed it, a newer one takes its place, or it ends.
CONTEXT = """
WITH told AS (
  SELECT d.agent_id, d.created_at AS since, r.at AS sure,
    coalesce(least(r.at, n.at, CASE WHEN v.state = 'ended' THEN v.state_since END), 'infinity') AS until
  FROM campaigns_delivery d JOIN fleet_agent a ON a.id = d.agent_id
  JOIN campaigns_broadcast b ON b.id = d.broadcast_id LEFT JOIN campaigns_contextversion v ON v.id = b.version_id
  LEFT JOIN LATERAL (
    SELECT min(at) AS at FROM campaigns_receipt WHERE delivery_id = d.id AND rung = ANY(%(confirmed)s)) r ON true
  LEFT JOIN LATERAL (
    SELECT min(created_at) AS at FROM campaigns_delivery WHERE agent_id = d.agent_id AND campaign_id = d.campaign_id
      AND number > d.number AND NOT on_hold) n ON true
  WHERE a.team_id = %(team)s AND a.lifecycle <> 'retired' AND NOT d.on_hold AND d.created_at < %(until)s
    AND d.state <> %(left_out)s)
SELECT agent_id, count(*),
  sum(extract(epoch FROM least(until, %(until)s) - greatest(since, %(since)s))) / 60,
  max(extract(epoch FROM sure - since) / 60) FILTER (WHERE sure >= %(since)s AND sure < %(until)s)
FROM told WHERE until > %(since)s GROUP BY agent_id
"""


def measure_context(team: Team, now: dt.datetime | None = None) -> int:
    """Points of the team's last whole day, of agents that were told something; how many. Again: the same points."""
    zone = ZoneInfo(team.zone)
    today = business_day(now or timezone.now(), zone)
    day = today - dt.timedelta(days=1)
    since, until = (local_instant(each, dt.time(), zone) for each in (day, today))
    whose: dict[str, Any] = {"team": team.pk, "confirmed": list(CONFIRMED), "left_out": Rung.NOT_APPLICABLE}
    with connection.cursor() as cursor:
        cursor.execute(CONTEXT, {**whose, "since": since, "until": until})
        rows = cursor.fetchall()
    agents = Agent.objects.in_bulk([agent for agent, *_rest in rows])
    points = [point for agent, *values in rows for point in _points(agents[agent], day, *values)]
    keep_points(points)
    return len(points)


def _points(agent: Agent, day: dt.date, told: int, stale: Decimal, slowest: Decimal | None) -> Iterator[KpiPoint]:
    yield KpiPoint(agent=agent, key=STALE_MINUTES, day=day, value=stale, sample_size=told)
    if slowest is not None:
        yield KpiPoint(agent=agent, key=PROPAGATION_MINUTES, day=day, value=slowest, sample_size=told)
