"""Reserving and settling as SQL, to be carried out in one breath with the step they are for (`agents.runs.budgets`)."""

from agents.runs.models.runs import RUNNING

# Parts of a statement that reserves on every budget that covers the run now, or on none. Beside them it may do more:
# no row in `mine` means that another worker holds the run, none in `granted` that there is no room. Run first, then
# budgets by id are locked, and `fits` is worked out from the rows as they are once locked.
RESERVED = f"""
mine AS (
  SELECT id FROM runs_run r WHERE id = %(run)s AND fence = %(fence)s AND {RUNNING} FOR NO KEY UPDATE
), covering (place, id) AS (
  SELECT 1, (SELECT id FROM runs_budget WHERE scope = 'run' AND scope_id = %(run)s AND day IS NULL)
  FROM fleet_assignment WHERE agent_id = %(agent)s
  UNION ALL
  SELECT 2, (SELECT id FROM runs_budget WHERE scope = 'agent_day' AND scope_id = %(agent)s AND day = %(day)s)
  FROM fleet_assignment WHERE agent_id = %(agent)s
  UNION ALL
  SELECT 3, (SELECT id FROM runs_budget WHERE scope = 'team_day' AND scope_id = %(team)s AND day = %(day)s)
  FROM runs_budget, fleet_assignment WHERE scope = 'team_day' AND scope_id = %(team)s AND day IS NULL
    AND agent_id = %(agent)s
), locked AS (
  SELECT id, currency = %(currency)s
    AND spent_micros + reserved_micros + overrun_micros + %(amount)s <= cap_micros AS fits
  FROM runs_budget WHERE id = ANY(ARRAY(SELECT id FROM covering)) AND EXISTS (SELECT FROM mine)
  ORDER BY id FOR NO KEY UPDATE
), granted AS (
  SELECT true AS fits FROM covering LEFT JOIN locked USING (id) HAVING bool_and(coalesce(locked.fits, false))
), taken AS (
  UPDATE runs_budget b SET reserved_micros = reserved_micros + %(amount)s
  FROM locked, granted WHERE b.id = locked.id RETURNING b.id
), noted AS (
  INSERT INTO runs_reservation (id, budget_id, run_id, fence, step_key, amount_micros, created_at)
  SELECT (%(ids)s::uuid[])[place], id, %(run)s, %(fence)s, %(key)s, %(amount)s, now()
  FROM taken JOIN covering USING (id)
)
"""
RESERVE = f"WITH {RESERVED} SELECT EXISTS (SELECT FROM granted) FROM mine"


def closed(condition: str) -> str:
    """Parts of a statement that turns the step's open reservation into what it cost, where the condition holds.

    A reply dearer than its reservation is booked in full: the rest goes to `overrun` and blocks the next reservation.
    """
    return f"""
closed AS (
  UPDATE runs_reservation SET settled_at = now(), spent_micros = %(spent)s
  WHERE run_id = %(run)s AND step_key = %(key)s AND fence <= %(fence)s AND settled_at IS NULL AND {condition}
  RETURNING budget_id, amount_micros
), locked AS (
  SELECT id FROM runs_budget WHERE id = ANY(ARRAY(SELECT budget_id FROM closed)) ORDER BY id FOR NO KEY UPDATE
), booked AS (
  UPDATE runs_budget b SET reserved_micros = reserved_micros - amount_micros,
    spent_micros = spent_micros + least(%(spent)s, amount_micros),
    overrun_micros = overrun_micros + greatest(%(spent)s - amount_micros, 0)
  FROM closed JOIN locked ON locked.id = closed.budget_id WHERE b.id = locked.id
)
"""


CLOSE = f"WITH {closed('true')} SELECT count(*) FROM closed"
