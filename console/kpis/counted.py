"""What the rows of a scope say: of the whole period and the one before, of each day, and of each part."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from django.db import connection

from agents.base.money import MICRO
from console.kpis.customers import CUSTOMERS
from console.kpis.measures import MEASURED, REVIEW_MINUTES
from console.kpis.scope import AIMS, ASKED, CONFIRMED, MADE, PARTS, PRICED, RAN, SAMPLED, SEEN_HERE, WRONG, Scope

Columns: TypeAlias = dict[str, Any]
RUNS = f"""{RAN}, {SAMPLED}, {CONFIRMED},
told AS (
  SELECT recent, day, part, state, cost_micros, currency, state IN ('done', 'failed', 'quarantined') AS over,
    extract(epoch FROM finished_at - created_at) AS resolved, extract(epoch FROM finished_at - started_at) AS cycle,
    {ASKED} AS asked, {WRONG} AS wrong, sampled.wrong AS sample_wrong, sampled.doubted AS sample_doubted, fields, kept
  FROM ran LEFT JOIN sampled ON sampled.id = ran.id LEFT JOIN confirmed ON confirmed.id = ran.id)
SELECT recent, day, part, count(*) AS runs, count(*) FILTER (WHERE over) AS ended,
  count(*) FILTER (WHERE state = 'done') AS done, count(*) FILTER (WHERE state = 'done' AND NOT asked) AS unaided,
  count(*) FILTER (WHERE state = 'done' AND NOT wrong) AS good, count(*) FILTER (WHERE asked) AS asked,
  count(sample_wrong) AS sampled, count(*) FILTER (WHERE NOT sample_wrong) AS sampled_right,
  count(*) FILTER (WHERE sample_wrong = sample_doubted) AS agreed, sum(fields) AS fields, sum(kept) AS kept,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY resolved) FILTER (WHERE state = 'done') AS resolved_s,
  percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY cycle) FILTER (WHERE over) AS cycle,
  sum(cost_micros) / {MICRO}::numeric AS spend, count(cost_micros) AS priced,
  array_agg(DISTINCT currency) FILTER (WHERE cost_micros > 0) AS spend_in
FROM told GROUP BY GROUPING SETS ((recent), (recent, day), (recent, part))
"""
WORK = "s.kind NOT IN ('person', 'parallel', 'flow') AND s.state IN ('confirmed', 'failed')"
STEPS = f"""{RAN}, {AIMS}
SELECT recent, day, part, count(*) AS calls, count(*) FILTER (WHERE s.tries > 1) AS retried,
  count(t.most) FILTER (WHERE {MADE}) AS aimed, count(*) FILTER (WHERE s.latency_ms <= t.most AND {MADE}) AS met,
  percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY s.latency_ms) FILTER (WHERE {MADE}) AS latency,
  sum(s.cost_micros) FILTER (WHERE {PRICED}) / {MICRO}::numeric AS step_spend,
  count(*) FILTER (WHERE {PRICED}) AS priced_calls,
  array_agg(DISTINCT s.currency) FILTER (WHERE s.cost_micros > 0) AS step_spend_in
FROM ran JOIN runs_step s ON s.run_id = ran.id
LEFT JOIN aims t ON t.version = ran.flow_version_id AND t.node = s.node
WHERE {WORK} GROUP BY GROUPING SETS ((recent), (recent, day), (recent, part))
"""
# One text counts once, whether a step judged it, its output carries the record, or it was refused before it left.
CHECKS = f"""{RAN},
records AS (
  SELECT ran.id, recent, day, part, s.output AS record FROM ran JOIN runs_step s ON s.run_id = ran.id
  WHERE s.kind = 'judge' AND s.output ? 'publishable'
  UNION ALL SELECT ran.id, recent, day, part, o.pass_record FROM ran JOIN runs_output o ON o.run_id = ran.id
  WHERE o.pass_record IS NOT NULL
  UNION ALL SELECT ran.id, recent, day, part, jsonb_build_object('text_sha256', s.key, 'publishable', false)
  FROM ran JOIN runs_step s ON s.run_id = ran.id WHERE s.fault = 'guardrail')
SELECT recent, day, part, count(DISTINCT (id, record ->> 'text_sha256')) AS judged,
  count(DISTINCT (id, record ->> 'text_sha256')) FILTER (WHERE record ->> 'publishable' = 'false') AS refused
FROM records GROUP BY GROUPING SETS ((recent), (recent, day), (recent, part))
"""
POINTS = f"""
WITH {SEEN_HERE},
points AS (
  SELECT agent_id, day, key, value FROM fleet_kpipoint WHERE NOT key = ANY(%(measured)s)
  UNION ALL SELECT agent_id, day, '{REVIEW_MINUTES}', seconds / 60.0 FROM fleet_reviewtime)
SELECT p.day >= %(first)s AS recent, p.day, {{part}} AS part, p.key, sum(p.value) AS value
FROM seen a JOIN points p ON p.agent_id = a.id
WHERE p.day >= %(earlier)s AND p.day <= %(last)s AND %(flow)s IN ('', a.flow)
GROUP BY GROUPING SETS ((1, 4), (1, 2, 4), (1, 3, 4))
"""
PLACES = ("p50", "p95", "p99")


@dataclass
class Counted:
    """Columns of the whole period and of as many days before it, of each day, and of each part that has any.

    `reported` are the columns that came from points; `began` is the first of the days before that tells anything.
    """

    whole: Columns = field(default_factory=dict)
    earlier: Columns = field(default_factory=dict)
    days: dict[dt.date, Columns] = field(default_factory=lambda: defaultdict(dict))
    parts: dict[str, Columns] = field(default_factory=lambda: defaultdict(dict))
    reported: set[str] = field(default_factory=set)
    began: dt.date | None = None

    def take(self, row: Columns) -> None:
        """A row belongs where its grouping set says."""
        recent, day, part = row.pop("recent"), row.pop("day"), row.pop("part")
        if day is None and part is None:
            (self.whole if recent else self.earlier).update(row)
        elif recent and day is not None:
            self.days[day].update(row)
        elif recent:
            self.parts[part].update(row)
        elif day is not None:
            self.began = min(day, self.began or day)


def counted(scope: Scope) -> Counted:
    """Five statements; every figure from rows of now."""
    found, (of_run, of_agent) = Counted(), PARTS[scope.by]
    for statement in (RUNS, STEPS, CHECKS, CUSTOMERS):
        for row in _rows(statement.format(part=of_run), scope.params()):
            found.take(_flat(row))
    for row in _rows(POINTS.format(part=of_agent), scope.params() | {"measured": list(MEASURED)}):
        found.reported.add(key := row.pop("key"))
        found.take(row | {key: row.pop("value")})
    for columns in (found.whole, *found.parts.values()):
        columns["days"] = scope.days
    found.earlier["days"] = (scope.first - found.began).days if found.began else 0
    for columns in found.days.values():
        columns["days"] = 1
    return found


def _rows(statement: str, params: dict[str, Any]) -> Iterator[Columns]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        names = [column.name for column in cursor.description]
        for row in cursor.fetchall():
            yield dict(zip(names, row, strict=True))


def _flat(row: Columns) -> Columns:
    """Arrays of percentiles become a column each."""
    for name in ("cycle", "latency"):
        if name in row:
            values = row.pop(name) or (None,) * len(PLACES)
            row |= {f"{name}_{place}": value for place, value in zip(PLACES, values, strict=True)}
    return row
