"""Judges held against people: of the same runs, what the judge said and what people said."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection

from agents.runs.queries.lessons import SAID

# A judge's last word on a run: a rubric's `passed`, or whether the guardrails let the text be published.
AGREEMENT = f"""{SAID},
people AS (SELECT run_id, bool_or(wrong) AS wrong FROM said GROUP BY run_id),
judges AS (
  SELECT DISTINCT ON (s.run_id, s.node) s.node, p.wrong,
    coalesce(s.output ->> 'passed', s.output ->> 'publishable')::boolean AS passed
  FROM people p JOIN runs_run r ON r.id = p.run_id JOIN fleet_flowversion v ON v.id = r.flow_version_id
    JOIN fleet_flow f ON f.id = v.flow_id JOIN runs_step s ON s.run_id = r.id
  WHERE f.slug = %(flow)s AND r.agent_id = ANY(%(agents)s) AND s.kind = 'judge' AND s.state = 'confirmed'
    AND coalesce(s.output ->> 'passed', s.output ->> 'publishable') IN ('true', 'false')
  ORDER BY s.run_id, s.node, s.seq DESC)
SELECT node, count(*) FILTER (WHERE passed <> wrong), count(*) FILTER (WHERE passed AND wrong),
  count(*) FILTER (WHERE NOT passed AND NOT wrong)
FROM judges GROUP BY node ORDER BY node
"""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Runs that a judge and people judged: alike; let pass by the judge alone (`lenient`); refused by it alone."""

    node: str
    alike: int
    lenient: int
    strict: int

    @property
    def n(self) -> int:
        return self.alike + self.lenient + self.strict

    @property
    def percent(self) -> int:
        """Runs judged alike ÷ runs judged by both, in per cent."""
        return round(100 * self.alike / self.n)


def agreements(team: uuid.UUID, flow: str, agents: Collection[uuid.UUID]) -> list[Agreement]:
    """One for each judge of the flow whose runs of these agents people have judged too (`lessons.SAID`)."""
    with connection.cursor() as cursor:
        cursor.execute(AGREEMENT, {"team": team, "flow": flow, "agents": list(agents)})
        return [Agreement(*row) for row in cursor.fetchall()]
