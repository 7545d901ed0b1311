"""Lanes: what goes first when there is more to do than workers, and what is held back meanwhile (R-261).

Interactive before broadcast before nightly before batch. A hold is a row that a claim looks at: nothing in the broker
knows of it, so nothing is lost when the broker forgets, and a hold that nobody renews ends by itself.
"""

from agents.runs.enums import Lane

BELOW: dict[Lane, tuple[Lane, ...]] = {
    Lane.INTERACTIVE: (Lane.NIGHTLY, Lane.BATCH),
    Lane.BROADCAST: (Lane.NIGHTLY, Lane.BATCH),
    Lane.NIGHTLY: (Lane.BATCH,),
}
"""What is held back for a lane that waits too long. A broadcast has connections of its own and holds up nobody."""
PATIENCE_S: dict[Lane, int] = {Lane.INTERACTIVE: 15, Lane.BROADCAST: 60, Lane.NIGHTLY: 900}
"""How long the oldest of a lane may have waited; half of it ends the hold."""
DEPTH: dict[Lane, int] = {Lane.INTERACTIVE: 50, Lane.BROADCAST: 500, Lane.NIGHTLY: 1000}
"""How many of a lane may wait; half as many end the hold."""
FAIR_S = 30
"""A team whose work has waited so long is owed its share of the workers."""
LASTS_S = 60
"""A hold that was not renewed for so long holds nothing: whoever renews it is gone."""
LANE = (
    """CASE WHEN r.queue = 'urgent' THEN 'interactive' WHEN r.schedule_id IS NOT NULL THEN 'nightly' ELSE 'batch' END"""
)
HELD = f"""r.fence = 0 AND EXISTS (SELECT FROM runs_hold h WHERE h.ended_at IS NULL AND h.lane = {LANE}
  AND (h.team_id IS NULL OR h.team_id = a.team_id) AND h.renewed_at > now() - interval '{LASTS_S} seconds')"""
"""Of run `r` of agent `a`, as SQL: it has not begun and its lane is held. What has begun goes on."""
