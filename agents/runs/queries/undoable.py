"""What a person has just decided and may still take back."""

from collections import Counter
from dataclasses import dataclass

from django.db.models.functions import Now

from agents.people.models import Team, User
from agents.runs.enums import DecisionState
from agents.runs.models import Decision


@dataclass(frozen=True)
class Undoable:
    """One press of a button, and how many items it decided."""

    decision: Decision
    times: int


def undoable(user: User, team: Team) -> list[Undoable]:
    """The person's decisions whose effect has not left, the newest first; what was decided together is one."""
    mine = Decision.objects.filter(actor=user, item__agent__team=team, state=DecisionState.PENDING)
    found = list(mine.filter(releases_at__gt=Now()).select_related("item__exception").order_by("at"))
    times = Counter(decision.idempotency_key for decision in found)
    first = {decision.idempotency_key: decision for decision in reversed(found)}
    return [Undoable(first[key], times[key]) for key in reversed(times)]
