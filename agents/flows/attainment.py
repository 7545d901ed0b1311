"""How far a flow kept what is promised of it."""

from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from agents.runs.enums import RunState
from agents.runs.models import Run

MOST = 5000
"""Runs that are looked at, the newest."""
OVER = (RunState.DONE, RunState.FAILED, RunState.QUARANTINED)
# Waiting for people is not the flow's time; of questions that overlap only once.
KEPT = """
WITH ran AS (SELECT * FROM runs_run WHERE id IN ({runs})),
asked AS (
  SELECT run_id, sum(upper(one) - lower(one)) AS long FROM (
    SELECT s.run_id, unnest(range_agg(tstzrange(s.started_at, s.finished_at))) AS one
    FROM ran JOIN runs_step s ON s.run_id = ran.id
    WHERE s.kind = 'person' AND s.finished_at >= s.started_at GROUP BY 1) spans GROUP BY 1)
SELECT count(*), count(*) FILTER (WHERE state = 'done'),
  count(*) FILTER (WHERE EXISTS (SELECT 1 FROM runs_step s WHERE s.run_id = ran.id AND s.kind = 'person')),
  count(*) FILTER (
    WHERE finished_at - started_at - coalesce(long, interval '0') <= make_interval(secs => %s))
FROM ran LEFT JOIN asked ON asked.run_id = ran.id
"""


@dataclass(frozen=True, slots=True)
class Attainment:
    """Of `n` runs that are over: how many ended done, asked a person, and took at most the promised time."""

    n: int
    resolved: int
    diverted: int
    in_time: int

    def percent(self, part: int) -> float | None:
        """Of the runs; None without any."""
        return 100 * part / self.n if self.n else None


def attainment(runs: QuerySet[Run], seconds: int | None) -> Attainment:
    """Of the newest `MOST` of these runs, in one query. Without a promised time, none was in time."""
    chosen, given = (
        runs.filter(state__in=OVER).order_by("-created_at", "-pk").values("pk")[:MOST].query.sql_with_params()
    )
    with connection.cursor() as cursor:
        cursor.execute(KEPT.replace("{runs}", chosen), [*given, -1 if seconds is None else seconds])
        return Attainment(*cursor.fetchone())
