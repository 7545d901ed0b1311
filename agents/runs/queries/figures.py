"""How flows fared, step by step and version by version: times, tries, refusals, questions, failures, money."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from agents.runs.models import Run
from agents.runs.queries.spending import MANY, TOO_MANY

MOST = 5000
"""Runs that are looked at: percentiles of more cost seconds and hardly differ."""
OWN_TIME = """
(right(s.key, length(s.node || s.visit) + 1) = s.node || '/' || s.visit
 OR s.branch <> '' AND right(s.key, length(s.branch) + 1) = '/' || s.branch)
"""
"""A call inside a node stands under its node's key: it costs, but the node's time holds its time already."""
BATCH = "CASE WHEN jsonb_typeof(output #> '{{batch,{0}}}') = 'number' THEN (output #>> '{{batch,{0}}}')::numeric END"
"""What a call for several inputs says it saved."""
# A question is a step of its kind too; its time is a person's, and the run's time is without it.
FIGURES = f"""
WITH ran AS (SELECT * FROM runs_run WHERE id IN ({{runs}}) AND flow_version_id IS NOT NULL),
stepped AS (
  SELECT r.flow_version_id AS version, s.*, s.kind = 'person' AS asked,
    s.kind <> 'person' AND s.finished_at IS NOT NULL AND {OWN_TIME} AS made
  FROM ran r JOIN runs_step s ON s.run_id = r.id),
waited AS (
  SELECT run_id, sum(upper(one) - lower(one)) AS long FROM (
    SELECT run_id, unnest(range_agg(tstzrange(started_at, finished_at))) AS one FROM stepped
    WHERE asked AND finished_at >= started_at GROUP BY run_id) spans GROUP BY run_id),
whole AS (
  SELECT flow_version_id AS version, count(*) AS n,
    count(*) FILTER (WHERE state IN ('failed', 'quarantined')) AS failed,
    percentile_cont(ARRAY[.5, .95, .99]) WITHIN GROUP (
      ORDER BY 1000 * extract(epoch FROM finished_at - started_at - coalesce(long, interval '0'))) AS took
  FROM ran LEFT JOIN waited ON run_id = id GROUP BY 1),
called AS (
  SELECT version, run_id, sum(tokens_in + tokens_out) AS tokens, count(*) AS n,
    (array_agg(tokens_in + tokens_out ORDER BY seq DESC))[1] AS last
  FROM stepped WHERE tokens_in + tokens_out > 0 GROUP BY 1, 2),
times AS (SELECT version, avg(tokens::float8 / last) AS multiplier FROM called WHERE n > 1 GROUP BY 1),
parts AS (
  SELECT version, node, count(*) FILTER (WHERE made) AS n,
    percentile_cont(ARRAY[.5, .95, .99]) WITHIN GROUP (ORDER BY latency_ms) FILTER (WHERE made) AS took,
    coalesce(sum(tries - 1) FILTER (WHERE tries > 1), 0) AS retries,
    count(*) FILTER (WHERE output ->> 'publishable' = 'false') AS refused, count(*) FILTER (WHERE asked) AS asked,
    count(*) FILTER (WHERE made AND state = 'failed') AS failed, sum(cost_micros) AS cost,
    coalesce(sum({BATCH.format("calls")}), 0) AS calls, coalesce(sum({BATCH.format("micros")}), 0) AS micros,
    min(seq) AS place
  FROM stepped GROUP BY GROUPING SETS ((version, node), (version)))
SELECT f.slug, v.number, coalesce(p.node, ''), CASE WHEN p.node IS NULL THEN w.n ELSE p.n END,
  CASE WHEN p.node IS NULL THEN w.took ELSE p.took END, p.retries, p.refused, p.asked,
  CASE WHEN p.node IS NULL THEN w.failed ELSE p.failed END, p.cost, p.calls, p.micros,
  CASE WHEN p.node IS NULL THEN t.multiplier END
FROM parts p JOIN whole w USING (version) LEFT JOIN times t USING (version) JOIN fleet_flowversion v ON v.id = version
  JOIN fleet_flow f ON f.id = v.flow_id
ORDER BY f.slug, v.number DESC, p.node IS NOT NULL, p.place, p.node
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one node of one flow version, or (`node` empty) of its runs as a whole; money in micro-units.

    `n` counts what was made, `p50_ms`… what that took, waiting for people aside (None: nothing has ended yet);
    `refusals` are drafts that a guardrail stopped, `asked` the questions put to people; `saved_…` is what calls for
    several inputs at once saved; `multiplier` is how many times the tokens of its last call a run took on average
    (R-179), None where runs are a single call.
    """

    flow: str
    version: int
    node: str
    n: int
    p50_ms: int | None
    p95_ms: int | None
    p99_ms: int | None
    retries: int
    refusals: int
    asked: int
    failed: int
    cost_micros: int
    saved_calls: int
    saved_micros: int
    multiplier: float | None = None

    @property
    def is_many(self) -> bool:
        return self.multiplier is not None and self.multiplier >= MANY

    @property
    def is_too_many(self) -> bool:
        return self.multiplier is not None and self.multiplier >= TOO_MANY


def figures(runs: QuerySet[Run]) -> list[Figures]:
    """Of the newest `MOST` runs: newest version first, its runs as a whole, then its nodes as they come; one query.

    Percentiles lie between the two nearest values, as on `/kpis/`. Currencies are not changed. Runs without a
    flow are left out.
    """
    chosen, given = runs.order_by("-created_at", "-pk").values("pk")[:MOST].query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(FIGURES.replace("{runs}", chosen), given)
        return [_figures(*row) for row in cursor.fetchall()]


def _figures(flow: str, version: int, node: str, n: int, took: Sequence[Any] | None, *more: Any) -> Figures:
    p50, p95, p99 = (None if one is None else round(one) for one in took or (None, None, None))
    *counts, multiplier = more
    found = Figures(flow, version, node, n, p50, p95, p99, *map(int, counts))
    return found if multiplier is None else replace(found, multiplier=round(multiplier, 1))
