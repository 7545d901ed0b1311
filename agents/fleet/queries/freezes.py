"""What is frozen now."""

from django.db.models import Q, QuerySet

from agents.fleet.enums import Verb
from agents.fleet.models import WriteFreeze
from agents.fleet.permissions import agents_for
from agents.people.models import Team, User


def freezes_for(user: User, team: Team) -> QuerySet[WriteFreeze]:
    """The team's own and those of the agents the person sees, the newest first."""
    seen = Q(agent__in=agents_for(user, Verb.VIEW)) | Q(agent=None)
    return WriteFreeze.objects.filter(seen, team=team).select_related("agent", "frozen_by").order_by("-frozen_at")
