"""Putting off by itself what a person's minutes do not reach, and taking all of it back."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from agents.base.actors import SYSTEM, Actor
from agents.base.hooks import notify
from agents.fleet.enums import Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import agents_for
from agents.people.models import Team, User
from agents.runs import verbs
from agents.runs.actions.review import reopen
from agents.runs.enums import ItemState
from agents.runs.models import Deferral, ReviewItem
from agents.runs.queries.deferrals import deferrable, deferred
from audit.actions import record_each

SLEEP = ["state", "claimed_by", "claimed_until", "snoozed_until"]


@dataclass(frozen=True)
class Scarce:
    """A person's day whose `needed` minutes are more than the `left` ones; what is put off comes back at `until`."""

    person: User
    day: dt.date
    needed: int
    left: int
    until: dt.datetime


@transaction.atomic
def defer(agents: list[Agent], scarce: Scarce) -> int:
    """Puts off what can wait of the agents that the minutes do not reach; how many items. Each once a day at most."""
    chosen = deferrable(agents, scarce.person, scarce.day).values_list("pk", flat=True)
    items = list(_locked(list(chosen)).filter(state=ItemState.OPEN))
    said = {"needed": scarce.needed, "left": scarce.left, "until": scarce.until}
    for item in items:
        item.state, item.snoozed_until = ItemState.SNOOZED, scarce.until
    Deferral.objects.bulk_create(Deferral(item=each, person=scarce.person, day=scarce.day, **said) for each in items)
    _save(items, verbs.ITEM_DEFERRED, SYSTEM, scarce.person, **said)
    return len(items)


@transaction.atomic
def take_back(person: User, team: Team) -> int:
    """What was put off by itself for want of the person's minutes is open again, for today; how many items."""
    mine = agents_for(person, Verb.REVIEW)
    asleep = _locked([each.item_id for each in deferred(person, team)]).filter(agent__in=mine)
    items = list(asleep.filter(state=ItemState.SNOOZED))
    for item in items:
        reopen(item)
    _save(items, verbs.ITEM_TAKEN_BACK, person.actor, person)
    return len(items)


def _locked(items: list[uuid.UUID]) -> QuerySet[ReviewItem]:
    found = ReviewItem.objects.filter(pk__in=items).order_by("pk")
    return found.select_related("agent").select_for_update(no_key=True, of=("self",))


def _save(items: list[ReviewItem], verb: str, actor: Actor, person: User, **said: Any) -> None:
    if not items:
        return
    ReviewItem.objects.bulk_update(items, SLEEP)
    told = ((each, {"person": str(person.pk), **said}) for each in items)
    record_each(verb, told, actor=actor, team_id=items[0].agent.team_id)
    notify("queue")
