"""What looking at samples found, and whether machines had seen it: two ways of checking, and where they disagree."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection

from agents.base.bounds import at_most
from agents.runs.queries.digests import DOUBTFUL
from agents.runs.queries.lessons import SAID

DAYS = 30
# Machines doubt a run of which guardrails refused a text, or that its signs say is rather wrong than right.
SAMPLED = f"""{SAID},
people AS (SELECT run_id, bool_or(wrong) AS wrong FROM said GROUP BY run_id),
drawn AS (
  SELECT p.wrong, s.p_wrong >= {DOUBTFUL} OR EXISTS (
    SELECT FROM runs_output WHERE run_id = s.run_id AND pass_record ->> 'publishable' = 'false') AS doubted
  FROM runs_assessment s JOIN runs_run r ON r.id = s.run_id LEFT JOIN people p ON p.run_id = s.run_id
  WHERE s.drawn AND s.at > now() - make_interval(days => {DAYS}) AND r.agent_id = ANY(%(agents)s))
SELECT count(*), count(wrong), count(*) FILTER (WHERE wrong), count(*) FILTER (WHERE wrong AND NOT doubted),
  count(*) FILTER (WHERE doubted AND NOT wrong)
FROM drawn
"""


@dataclass(frozen=True, slots=True)
class Sampled:
    """Of the runs `drawn` by lot in 30 days people `judged` some and found some `wrong`.

    Machines had let `missed` of the wrong ones pass, and doubted some of the right ones, `in_vain`.
    """

    drawn: int
    judged: int
    wrong: int
    missed: int
    in_vain: int

    @property
    def at_most(self) -> float:
        """The largest share wrong that is possible with 95 % confidence."""
        return at_most(self.wrong, self.judged)

    @property
    def disagreement(self) -> float:
        """The share of judged runs that people and machines judged differently."""
        return (self.missed + self.in_vain) / self.judged if self.judged else 0.0


def sampled(team: uuid.UUID, agents: Collection[uuid.UUID]) -> Sampled:
    """Of these agents of the team; one query."""
    with connection.cursor() as cursor:
        cursor.execute(SAMPLED, {"team": team, "agents": list(agents)})
        return Sampled(*cursor.fetchone())
