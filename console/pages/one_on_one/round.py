"""Going round the fleet: whose turn it is before and after this agent, and with how many somebody has met today."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db.models import Exists, FloatField, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from agents.base.clock import business_day
from agents.fleet.enums import Lifecycle, Verb
from agents.fleet.models import Agent, OneOnOne
from agents.fleet.permissions import agents_for
from agents.people.models import Team, User
from agents.runs.enums import ExceptionState, ItemState
from agents.runs.models import RunException


@dataclass(frozen=True)
class Round:
    """The active agents of the team as Today lists them, the worst first, seen from one of them.

    `place` counts from 1, 0 for an agent that takes no part; `before` and `after` are their short names.
    """

    place: int
    total: int
    met: int
    met_this: bool
    before: str
    after: str


def whose_turn(user: User, team: Team) -> str:
    """The short name of the worst agent that nobody has met today, "" when all were met; one query."""
    listed = _active(team.pk, user, business_day(timezone.now(), user.tzinfo))
    return next((slug for slug, met in listed if not met), "")


def round_of(agent: Agent, user: User) -> Round:
    """One query."""
    listed = _active(agent.team_id, user, business_day(timezone.now(), user.tzinfo))
    slugs = [slug for slug, _met in listed]
    at = slugs.index(agent.slug) if agent.slug in slugs else -1
    return Round(
        place=at + 1,
        total=len(slugs),
        met=sum(met for _slug, met in listed),
        met_this=at >= 0 and listed[at][1],
        before=slugs[at - 1] if at > 0 else "",
        after=slugs[at + 1] if at + 1 < len(slugs) else "",
    )


def _active(team: uuid.UUID, user: User, day: dt.date) -> list[tuple[str, bool]]:
    waits = RunException.objects.filter(agent=OuterRef("pk"), state=ExceptionState.OPEN)
    ranked = waits.exclude(item__state=ItemState.SNOOZED).order_by().values("agent").annotate(sum=Sum("item__rank"))
    rows = agents_for(user, Verb.VIEW).filter(team=team, lifecycle__in=(Lifecycle.LIVE, Lifecycle.ONBOARDING))
    rows = rows.annotate(
        loss=Coalesce(Subquery(ranked.values("sum"), output_field=FloatField()), 0.0),
        met=Exists(OneOnOne.objects.filter(agent=OuterRef("pk"), day=day)),
    )
    return list(rows.order_by("-loss", "name").values_list("slug", "met"))
