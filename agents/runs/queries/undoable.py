"""What a person has just decided and may still take back."""

import uuid
from dataclasses import dataclass

from django.db import connection

from agents.people.models import Team, User
from agents.runs.enums import DecisionKind

# As rows: every look at the queue asks for it, and mostly there is nothing.
UNDOABLE = """
SELECT (array_agg(d.id ORDER BY d.at))[1], min(d.kind), (array_agg(e.title ORDER BY d.at))[1], count(*)
FROM runs_decision d JOIN runs_reviewitem i ON i.id = d.item_id JOIN runs_runexception e ON e.id = i.exception_id
JOIN fleet_agent a ON a.id = i.agent_id AND a.team_id = %s
WHERE d.actor_id = %s AND d.state = 'pending' AND d.releases_at > statement_timestamp()
GROUP BY d.idempotency_key ORDER BY min(d.at) DESC
"""


@dataclass(frozen=True, slots=True)
class Undoable:
    """One press of a button: its first decision, what that one was about, and how many items it decided."""

    pk: uuid.UUID
    kind: DecisionKind
    title: str
    times: int


def undoable(user: User, team: Team) -> list[Undoable]:
    """The person's decisions whose effect has not left, the newest first; what was decided together is one."""
    with connection.cursor() as cursor:
        cursor.execute(UNDOABLE, [team.pk, user.pk])
        return [Undoable(pk, DecisionKind(kind), title, times) for pk, kind, title, times in cursor.fetchall()]
