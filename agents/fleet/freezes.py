"""Whether an agent may change anything by itself: held while it does, so that no freeze is ever overtaken."""

import uuid
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from agents.fleet.enums import Lifecycle
from agents.fleet.models import WriteFreeze

HOLD = """
SELECT a.lifecycle FROM people_team t JOIN fleet_agent a ON a.team_id = t.id WHERE a.id = %s FOR SHARE OF t, a
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """`frozen`: why the agent may write nothing now, empty when it may. Unless it `is_live`, with its two owners, only
    what a person let through leaves it."""

    frozen: str
    is_live: bool


def standing(agent_id: uuid.UUID, team_id: uuid.UUID) -> Standing:
    """What holds for the agent now, and then until the transaction ends.

    Who freezes, or moves an agent's lifecycle, holds the agent or the team, so it waits for writes under way and every
    later one sees it.
    """
    with connection.cursor() as cursor:
        cursor.execute(HOLD, [agent_id])
        row = cursor.fetchone()
    here = WriteFreeze.objects.filter(Q(agent_id=agent_id) | Q(agent=None), team_id=team_id)  # after the lock, afresh
    reason = here.values_list("reason", flat=True).first()
    return Standing(reason or "", row is not None and row[0] == Lifecycle.LIVE)
