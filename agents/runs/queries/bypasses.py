"""Which agents go without their approvals, until when and on whose word."""

import uuid

from django.db.models import CharField, Count, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat, Now

from agents.fleet.enums import Verb
from agents.fleet.permissions import agents_for
from agents.people.models import Team, User
from agents.runs.models import Bypass, Decision

BY_BYPASS = "bypass "
"""How the idempotency key of a decision begins that a bypass made; its id follows."""
IN_FORCE = {"ended_at": None, "until__gt": Now()}


def in_force(agent_id: uuid.UUID) -> Bypass | None:
    """The agent's bypass of this moment."""
    return Bypass.objects.filter(agent=agent_id, **IN_FORCE).select_related("opened_by", "agent").first()


def bypasses(user: User, team: Team) -> QuerySet[Bypass]:
    """Those of agents the person may view, newest first, each with how many approvals it gave (`given`)."""
    key = Concat(Value(BY_BYPASS), Cast(OuterRef("pk"), CharField()))
    given = Decision.objects.filter(item__agent=OuterRef("agent"), idempotency_key=key).order_by()
    counted = given.values("idempotency_key").annotate(n=Count("pk")).values("n")
    seen = Bypass.objects.filter(agent__in=agents_for(user, Verb.VIEW).filter(team=team))
    seen = seen.annotate(given=Coalesce(Subquery(counted, output_field=IntegerField()), 0))
    return seen.select_related("agent", "opened_by", "ended_by").order_by("-opened_at", "-pk")
