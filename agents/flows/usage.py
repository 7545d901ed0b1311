"""What a month of work cost and how long it took: by use case, and by the role that asked which model."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from agents.people.models import Team

# A run's time without its questions to people, which overlap rarely. Runs count in the month in which they were made.
MINE = """
WITH mine AS (
  SELECT s.use_case, s.cost_center, s.currency, s.run_id,
    sum(s.cost_micros) FILTER (WHERE r.source = '' OR s.cost_micros > 0) AS micros,
    sum(s.tokens_in + s.tokens_out) AS tokens, sum(greatest(s.tries - 1, 0)) AS retries,
    count(*) FILTER (WHERE s.state = 'failed') AS failures,
    sum(s.finished_at - s.started_at) FILTER (WHERE s.kind = 'person') AS waited
  FROM runs_step s JOIN runs_run r ON r.id = s.run_id JOIN fleet_agent a ON a.id = r.agent_id
  WHERE a.team_id = %(team)s AND r.created_at >= %(since)s AND r.created_at < %(until)s GROUP BY 1, 2, 3, 4
)
SELECT m.use_case, m.cost_center, m.currency, count(*), sum(m.micros)::bigint, sum(m.tokens)::bigint,
  sum(m.retries)::bigint, sum(m.failures)::bigint,
  round(percentile_cont(0.5) WITHIN GROUP (ORDER BY took.ms))::bigint,
  round(percentile_cont(0.95) WITHIN GROUP (ORDER BY took.ms))::bigint
FROM mine m JOIN runs_run r ON r.id = m.run_id CROSS JOIN LATERAL (SELECT (
  1000 * extract(epoch FROM r.finished_at - r.started_at - coalesce(m.waited, interval '0')))::float8 AS ms) took
GROUP BY 1, 2, 3 ORDER BY 5 DESC NULLS LAST, 1, 2
"""
ASKED = """
SELECT a.slug, split_part(s.prompt_version, '/', 2) AS role, s.model, s.currency, count(*), sum(s.cost_micros)::bigint,
  sum(s.tokens_in)::bigint, sum(s.tokens_out)::bigint,
  round(percentile_cont(0.5) WITHIN GROUP (ORDER BY s.tokens_in + s.tokens_out))::bigint,
  round(percentile_cont(0.95) WITHIN GROUP (ORDER BY s.tokens_in + s.tokens_out))::bigint,
  count(*) FILTER (WHERE s.state = 'failed' OR s.error <> '')
FROM runs_step s JOIN runs_run r ON r.id = s.run_id JOIN fleet_agent a ON a.id = r.agent_id
WHERE a.team_id = %(team)s AND r.created_at >= %(since)s AND r.created_at < %(until)s AND r.source = ''
  AND s.model <> '' AND s.prompt_version <> ''
GROUP BY 1, 2, 3, 4 ORDER BY 6 DESC, 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Usage:
    """Of one use case. Money in micro-units, None: not told; times in milliseconds without waiting for people, None:
    none ended.
    """

    use_case: str
    cost_center: str
    currency: str
    runs: int
    cost_micros: int | None
    tokens: int
    retries: int
    failures: int
    p50_ms: int | None
    p95_ms: int | None


@dataclass(frozen=True, slots=True)
class Asked:
    """How a role of an agent asked one model; `failed` of its `calls` failed or fell short of what was asked."""

    agent: str
    role: str
    model: str
    currency: str
    calls: int
    cost_micros: int
    tokens_in: int
    tokens_out: int
    p50_tokens: int
    p95_tokens: int
    failed: int


@dataclass(frozen=True, slots=True)
class Month:
    """From its first moment until that of the next, in the team's zone."""

    team: Team
    first: dt.date

    @property
    def since(self) -> dt.datetime:
        return dt.datetime.combine(self.first, dt.time(), ZoneInfo(self.team.zone))

    @property
    def next(self) -> "Month":
        return Month(self.team, (self.first + dt.timedelta(days=31)).replace(day=1))

    @property
    def before(self) -> "Month":
        return Month(self.team, (self.first - dt.timedelta(days=1)).replace(day=1))

    def usage(self) -> list[Usage]:
        """By use case and cost center, the dearest first."""
        return [Usage(*row) for row in self._rows(MINE)]

    def asked(self) -> list[Asked]:
        """By agent, role and model, the dearest first; our own runs only."""
        return [Asked(*row) for row in self._rows(ASKED)]

    def _rows(self, statement: str) -> list[tuple[Any, ...]]:
        given: dict[str, dt.datetime | uuid.UUID] = {"team": self.team.pk, "since": self.since}
        with connection.cursor() as cursor:
            cursor.execute(statement, given | {"until": self.next.since})
            return list(cursor.fetchall())
