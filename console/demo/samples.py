"""What the month's reviewers were shown: two outputs a day picked by chance, and the quiet days approved together."""

from collections.abc import Sequence

from django.db import connection

from agents.fleet.models import Agent

# As `agents.runs.queries.digests` picks them. Quiet is a day that was approved and on which nothing was raised.
SHOWN = """
WITH made AS (
  SELECT d.id, r.id AS run, o.id AS output,
    row_number() OVER (PARTITION BY d.id ORDER BY md5(o.id::text || d.id::text)) AS place
  FROM runs_dailyreview d JOIN runs_run r
    ON r.agent_id = d.agent_id AND r.state_since > d.since AND r.state_since <= d.until
  LEFT JOIN runs_output o ON o.run_id = r.id WHERE d.agent_id = ANY(%s) AND d.until IS NOT NULL),
seen AS (
  SELECT id, count(DISTINCT run) AS runs,
    coalesce(jsonb_agg(output ORDER BY place) FILTER (WHERE place <= 2 AND output IS NOT NULL), '[]') AS samples
  FROM made GROUP BY id)
UPDATE runs_dailyreview d SET runs = seen.runs, samples = seen.samples,
  in_batch = d.state = 'approved' AND NOT EXISTS (
    SELECT FROM runs_runexception e WHERE e.agent_id = d.agent_id AND e.opened_at > d.since AND e.opened_at <= d.until)
FROM seen WHERE seen.id = d.id
"""


def show(agents: Sequence[Agent]) -> None:
    """Every day of these agents that was decided."""
    with connection.cursor() as cursor:
        cursor.execute(SHOWN, [[agent.pk for agent in agents]])
