"""What a person has just decided and may still take back."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from agents.base.ids import first_id
from agents.people.models import Team, User
from agents.runs.enums import DecisionKind

LATELY = timedelta(seconds=10)
"""An escalation leaves at once and is taken back as long as nobody has acted on it; so long it is offered here."""
# As rows: every look at the queue asks for it, and mostly there is nothing. An escalation is found by its id's time.
UNDOABLE = """
SELECT (array_agg(d.id ORDER BY d.at))[1], min(d.kind), (array_agg(e.title ORDER BY d.at))[1], count(*)
FROM (
  SELECT * FROM runs_decision
  WHERE actor_id = %(user)s AND state = 'pending' AND releases_at > statement_timestamp()
  UNION ALL SELECT * FROM runs_decision
  WHERE id > %(lately)s AND actor_id = %(user)s AND kind = 'escalate' AND state = 'released' AND rule_id IS NULL
) d JOIN runs_reviewitem i ON i.id = d.item_id JOIN runs_runexception e ON e.id = i.exception_id
JOIN fleet_agent a ON a.id = i.agent_id AND a.team_id = %(team)s
WHERE d.state = 'pending' OR e.state = 'open'
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
    """The person's decisions whose effect has not left, the newest first; what was decided together is one.

    An escalation counts for a few seconds.
    """
    with connection.cursor() as cursor:
        lately = first_id(timezone.now() - LATELY)
        cursor.execute(UNDOABLE, {"team": team.pk, "user": user.pk, "lately": lately})
        return [Undoable(pk, DecisionKind(kind), title, times) for pk, kind, title, times in cursor.fetchall()]
