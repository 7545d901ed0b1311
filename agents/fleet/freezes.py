"""Whether an agent may change anything at all: held while it does, so that a freeze is never overtaken."""

import uuid

from django.db import connection
from django.db.models import Q

from agents.fleet.models import WriteFreeze

HOLD = """
SELECT 1 FROM people_team t JOIN fleet_agent a ON a.team_id = t.id WHERE a.id = %s FOR SHARE OF t, a
"""


def frozen_because(agent_id: uuid.UUID, team_id: uuid.UUID) -> str:
    """Why the agent may write nothing now; empty when it may, and then until the transaction ends.

    Who freezes holds the agent or the team, so it waits for writes under way and every later one sees it.
    """
    with connection.cursor() as cursor:
        cursor.execute(HOLD, [agent_id])
    here = WriteFreeze.objects.filter(Q(agent_id=agent_id) | Q(agent=None), team_id=team_id)  # after the lock, afresh
    return here.values_list("reason", flat=True).first() or ""
