"""How far the quiet agents' word can be taken: what looking at samples found, and what batches let through."""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import connection

from agents.base.bounds import at_most, interval

LOOKED_DAYS, PASSED_DAYS = 7, 30
# A flaw that rests on an exception which somebody ignored was none.
FLAWED = """
(SELECT f.run_id, f.decision_id FROM runs_flaw f WHERE f.agent_id = ANY(%(agents)s) AND NOT EXISTS (
   SELECT FROM runs_reviewitem i JOIN runs_decision d ON d.item_id = i.id
   WHERE i.exception_id = f.exception_id AND d.kind = 'ignore'))
"""
TRUST = f"""
WITH flawed AS {FLAWED},
days AS (SELECT * FROM runs_dailyreview WHERE agent_id = ANY(%(agents)s)
         AND until > now() - make_interval(days => {PASSED_DAYS})),
looked AS (
  SELECT d.agent_id, count(DISTINCT o.id) AS seen, count(DISTINCT o.id) FILTER (WHERE f.run_id IS NOT NULL) AS wrong
  FROM days d CROSS JOIN LATERAL jsonb_array_elements_text(d.samples) s(id) JOIN runs_output o ON o.id = s.id::uuid
  LEFT JOIN flawed f ON f.run_id = o.run_id
  WHERE d.until > now() - make_interval(days => {LOOKED_DAYS}) AND d.state <> 'skipped' GROUP BY 1),
passed AS (
  SELECT d.agent_id, sum(d.runs) AS passed, sum((SELECT count(*) FROM flawed f WHERE f.decision_id = c.id)) AS escaped
  FROM days d JOIN runs_decision c ON c.review_id = d.id WHERE d.in_batch GROUP BY 1)
SELECT a, coalesce(seen, 0), coalesce(wrong, 0), coalesce(passed, 0)::int, coalesce(escaped, 0)::int
FROM unnest(%(agents)s) a LEFT JOIN looked ON looked.agent_id = a LEFT JOIN passed ON passed.agent_id = a
"""


@dataclass(frozen=True, slots=True)
class Trust:
    """Of `seen` outputs that chance picked and people looked at in a week, `wrong` were; of the `passed` runs that
    batches approved in 30 days, `escaped` turned out wrong."""

    seen: int = 0
    wrong: int = 0
    passed: int = 0
    escaped: int = 0

    @property
    def at_most(self) -> float:
        """The largest share wrong that is possible with 95 % confidence."""
        return at_most(self.wrong, self.seen)

    @property
    def escapes(self) -> tuple[float, float]:
        """Between which shares of what batches pass turns out wrong, with 95 % confidence."""
        return interval(self.escaped, max(self.passed, self.escaped))


def trust(agents: Collection[uuid.UUID]) -> dict[uuid.UUID, Trust]:
    """Of each of these agents; one query."""
    if not agents:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(TRUST, {"agents": list(agents)})
        return {agent: Trust(*counts) for agent, *counts in cursor.fetchall()}


def pooled(each: Iterable[Trust]) -> Trust:
    """All of them together."""
    rows = list(each)
    names = ("seen", "wrong", "passed", "escaped")
    return Trust(*(sum(getattr(row, name) for row in rows) for name in names))
