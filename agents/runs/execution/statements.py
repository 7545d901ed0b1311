"""What a step writes, each as one statement and one commit: no row unless this worker still holds the run."""

from agents.runs.execution.rows import DETAILS, FIELDS, NONE, PLAIN, WHOLE
from agents.runs.models.runs import RUNNING
from agents.runs.reserving import RESERVED, closed


def _held(condition: str = "true") -> str:
    """The run's own part: its lease, proof of life, how far it got and its cost; and what people want of it."""
    return f"""
held AS (
  UPDATE runs_run r SET lease_until = now() + make_interval(secs => %(lease)s),
    attempt = CASE WHEN %(alive)s THEN 0 ELSE attempt END,
    last_seq = %(last_seq)s, steps_done = %(steps_done)s, cost_micros = %(run_cost)s
  FROM fleet_agent a WHERE r.id = %(run)s AND r.fence = %(fence)s AND {RUNNING} AND a.id = r.agent_id
    AND {condition}
  RETURNING r.id, r.fence, r.signal, a.lifecycle
)
"""


WRITTEN = f"""
written AS (
  INSERT INTO runs_step (id, run_id, fence, seq, {WHOLE.columns})
  SELECT %(step)s::uuid, id, fence, %(last_seq)s, {WHOLE.places} FROM held
  ON CONFLICT (run_id, key) DO UPDATE SET fence = excluded.fence,
    {", ".join(f"{name} = excluded.{name}" for name in FIELDS if name != "key")}
)
"""
HEARD = "SELECT signal, lifecycle FROM held"
WRITE = f"WITH {_held()}, {WRITTEN} {HEARD}"
# A step that is written once and costs nothing leaves the run's row alone: its lock holds off whoever would take over.
# `before` is the key of the step that is on its way ahead of it: where that one was refused, so is this. Not EXISTS:
# beside an OR PostgreSQL answers that from a hash of the whole table.
INSERT = f"""
WITH held AS (
  SELECT r.id, r.fence, r.signal, a.lifecycle FROM runs_run r JOIN fleet_agent a ON a.id = r.agent_id
  WHERE r.id = %(run)s AND r.fence = %(fence)s AND {RUNNING}
    AND (%(before)s::text IS NULL OR (SELECT true FROM runs_step WHERE run_id = r.id AND key = %(before)s::text))
  FOR SHARE OF r
), written AS (
  INSERT INTO runs_step (id, run_id, fence, seq, {PLAIN.columns}, {", ".join(DETAILS)})
  SELECT %(step)s::uuid, id, fence, %(last_seq)s::int, {PLAIN.places}, {NONE} FROM held
)
{HEARD}
"""
ANNOUNCE = f"""
WITH {RESERVED}, {_held("EXISTS (SELECT FROM granted)")}, {WRITTEN}
SELECT held.id IS NOT NULL, signal, lifecycle FROM mine LEFT JOIN held USING (id)
"""
BOOK = f"WITH {_held()}, {WRITTEN}, {closed('EXISTS (SELECT FROM held)')} {HEARD}"
