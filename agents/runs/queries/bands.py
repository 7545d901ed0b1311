"""Which agents' figures left the band around their targets."""

import uuid
from collections.abc import Collection

from django.db import connection

BAND = 0.2
"""A figure may miss its target by this share before a person looks: a fifth, for counts of one night are small."""
OUTSIDE = """
SELECT DISTINCT t.agent_id FROM fleet_kpitarget t CROSS JOIN LATERAL (
  SELECT value FROM fleet_kpipoint WHERE agent_id = t.agent_id AND key = t.key ORDER BY day DESC LIMIT 1) p
WHERE t.agent_id = ANY(%(agents)s)
  AND CASE t.better WHEN 'higher' THEN p.value < t.target * (1 - %(band)s) ELSE p.value > t.target * (1 + %(band)s) END
"""


def off_target(agents: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of these agents of which the newest value of some KPI misses its target by more than BAND; one query."""
    if not agents:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(OUTSIDE, {"agents": list(agents), "band": BAND})
        return {agent for (agent,) in cursor.fetchall()}
