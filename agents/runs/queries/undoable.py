"""What a person has just decided and may still take back."""

from django.db.models import QuerySet
from django.db.models.functions import Now

from agents.people.models import Team, User
from agents.runs.enums import DecisionState
from agents.runs.models import Decision


def undoable(user: User, team: Team) -> QuerySet[Decision]:
    """The person's decisions whose effect has not left, the newest first."""
    mine = Decision.objects.filter(actor=user, item__agent__team=team, state=DecisionState.PENDING)
    return mine.filter(releases_at__gt=Now()).select_related("item__exception").order_by("-at")
