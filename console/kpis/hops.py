"""The steps of a scope by node of their flow: how long, how often again, at what cost, and whether within target.

Time to resolution by state of the graph (R-022) is the share that each node has of all the time its flow worked.
"""

from dataclasses import dataclass

from django.db import connection

from console.kpis.scope import AIMS, MADE, PRICED, RAN, Scope

MOST = 40
HOPS = f"""{RAN.format(part="''")},
{AIMS},
hops AS (
  SELECT coalesce(ran.flow, '') AS flow, s.node, s.kind, s.latency_ms, s.tries, s.state, s.error, s.cost_micros,
    s.currency, t.most,
    {PRICED} AS told,
    CASE WHEN s.kind = 'person' THEN 1000 * extract(epoch FROM s.finished_at - s.started_at) ELSE s.latency_ms END AS ms
  FROM ran JOIN runs_step s ON s.run_id = ran.id LEFT JOIN aims t ON t.version = ran.flow_version_id
    AND t.node = s.node
  WHERE ran.recent AND s.kind NOT IN ('parallel', 'flow') AND s.state IN ('confirmed', 'failed')
    AND (s.kind = 'person' OR {MADE}))
SELECT flow, node, min(kind), count(*), percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY ms),
  coalesce(sum(ms), 0)::float8 / nullif(sum(sum(ms)) OVER (PARTITION BY flow), 0),
  count(*) FILTER (WHERE tries > 1), count(*) FILTER (WHERE state = 'failed' OR error <> ''),
  avg(cost_micros) FILTER (WHERE told)::float8, max(most), count(*) FILTER (WHERE latency_ms <= most),
  array_agg(DISTINCT currency) FILTER (WHERE cost_micros > 0)
FROM hops GROUP BY flow, node ORDER BY flow, 6 DESC NULLS LAST LIMIT {MOST}
"""


@dataclass(frozen=True)
class Hop:
    """One node of one flow ("" when the run named none). Times in milliseconds; a person's is the wait for them.

    `missed` counts steps that failed or did not meet their exit criterion; `met` those within `target_ms`.
    `cost_micros` is of a visit, None where no run tells it, which has a meaning
    where it was paid in one of the `currencies` alone.
    """

    flow: str
    node: str
    kind: str
    visits: int
    percentiles: list[int]
    share: float
    retried: int
    missed: int
    cost_micros: int | None
    target_ms: int | None
    met: int
    currencies: list[str]

    @property
    def met_share(self) -> float | None:
        """None for a node without a target, and for people: a target is for work."""
        return self.met / self.visits if self.target_ms and self.kind != "person" else None


def hops(scope: Scope) -> list[Hop]:
    """Those that take the most time first, by flow; one query."""
    with connection.cursor() as cursor:
        cursor.execute(HOPS, scope.params())
        rows = cursor.fetchall()
    return [
        Hop(
            flow,
            node,
            kind,
            visits,
            [round(ms or 0) for ms in times or (0, 0, 0)],
            share or 0.0,
            again,
            missed,
            None if cost is None else round(cost),
            most,
            met,
            paid_in or [],
        )
        for flow, node, kind, visits, times, share, again, missed, cost, most, met, paid_in in rows
    ]
