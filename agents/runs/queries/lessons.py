"""What a team's decisions say about its runs: right or wrong, as people saw it."""

import uuid

from django.db import connection

from agents.runs import signals
from agents.runs.models import RunException
from agents.runs.signals import EXCEPTION, Facts
from agents.runs.suspicion.assessing import signs_of
from agents.runs.suspicion.logistic import Example

MOST = 2_000
"""The newest: what was wrong a year ago may be usual by now."""
# Approving or ignoring says right, rejecting or editing says wrong; an answer to a question says neither. Outputs that
# people looked at and let pass are right, unless the run turned out wrong after all. A run counts once, and as wrong
# where people disagreed.
SAID = """
WITH mine AS (SELECT id FROM fleet_agent WHERE team_id = %(team)s),
flawed AS (
  SELECT f.run_id, f.found_at AS at FROM runs_flaw f WHERE f.agent_id IN (SELECT id FROM mine) AND NOT EXISTS (
    SELECT FROM runs_reviewitem i JOIN runs_decision d ON d.item_id = i.id
    WHERE i.exception_id = f.exception_id AND d.kind = 'ignore')),
said AS (
  SELECT e.run_id, e.id AS exception_id, d.kind IN ('reject', 'edit') AS wrong, d.at
  FROM runs_decision d JOIN runs_reviewitem i ON i.id = d.item_id JOIN runs_runexception e ON e.id = i.exception_id
  WHERE e.agent_id IN (SELECT id FROM mine) AND e.run_id IS NOT NULL AND d.state IN ('pending', 'released')
    AND d.kind IN ('approve', 'ignore', 'reject', 'edit')
  UNION ALL SELECT run_id, NULL, true, at FROM flawed
  UNION ALL SELECT o.run_id, NULL, false, r.until
  FROM runs_dailyreview r CROSS JOIN LATERAL jsonb_array_elements_text(r.samples) s(id)
  JOIN runs_output o ON o.id = s.id::uuid
  WHERE r.agent_id IN (SELECT id FROM mine) AND r.state = 'approved')
"""
LESSONS = f"""{SAID}
SELECT run_id, bool_or(wrong), (array_agg(exception_id) FILTER (WHERE exception_id IS NOT NULL))[1]
FROM said GROUP BY run_id ORDER BY max(at) DESC, run_id LIMIT %(most)s
"""


def lessons(team: uuid.UUID) -> dict[uuid.UUID, Example]:
    """Signs of each run that somebody judged, in units, and the judgement; newest first, at most MOST."""
    with connection.cursor() as cursor:
        cursor.execute(LESSONS, {"team": team, "most": MOST})
        said = cursor.fetchall()
    exceptions = RunException.objects.in_bulk([exception for _run, _wrong, exception in said if exception])
    runs = signs_of([run for run, _wrong, _exception in said])
    return {
        run: (signals.units(runs.get(run, {}) | _found(exceptions.get(exception))), wrong)
        for run, wrong, exception in said
    }


def _found(exception: RunException | None) -> dict[str, float]:
    return signals.found(Facts(exception), EXCEPTION) if exception else {}
