"""Places in the queue: taking one for a while, giving it back, putting it off."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from agents.base.errors import Conflict, Invalid
from agents.base.hooks import notify
from agents.fleet.enums import Verb
from agents.fleet.permissions import require
from agents.people.models import User
from agents.runs import verbs
from agents.runs.actions.holding import held_of
from agents.runs.enums import DecisionState, ItemState
from agents.runs.models import ReviewItem
from audit.actions import record

CLAIM_LASTS = timedelta(minutes=15)


@transaction.atomic
def claim_item(item: ReviewItem, *, actor: User) -> ReviewItem:
    """Takes the item for 15 minutes, or for 15 more. Raises Conflict when somebody else has it or it is decided.

    Whoever decided it first does not take it from the second person it is held for.
    """
    item = locked_item(item, actor)
    refuse_if_taken(item, actor)
    if (held := held_of(item)) and held.actor_id == actor.pk:
        raise Conflict(_("You decided first: now it waits for somebody else."), "held")
    if item.state == ItemState.DECIDED:
        raise Conflict(_("This was decided already."), "already_decided")
    item.state, item.claimed_by = ItemState.CLAIMED, actor
    item.claimed_until, item.snoozed_until = timezone.now() + CLAIM_LASTS, None
    _save(item, verbs.ITEM_CLAIMED, actor)
    return item


@transaction.atomic
def release_item(item: ReviewItem, *, actor: User) -> ReviewItem:
    """Gives the item back. Only who took it may; nobody need, since a claim ends by itself."""
    item = locked_item(item, actor)
    if item.state == ItemState.CLAIMED and item.claimed_by_id == actor.pk:
        reopen(item)
        _save(item, verbs.ITEM_RELEASED, actor)
        return item
    raise Conflict(_("You have not taken this item."), "not_claimed")


@transaction.atomic
def snooze_item(item: ReviewItem, *, actor: User, until: datetime) -> ReviewItem:
    """Puts the item off; it comes back by itself. Raises Invalid for a time that has passed."""
    item = locked_item(item, actor)
    refuse_if_taken(item, actor)
    if item.state == ItemState.DECIDED:
        raise Conflict(_("This was decided already."), "already_decided")
    if until <= timezone.now():
        raise Invalid(_("Choose a time to come."), fields={"until": [_("Choose a time to come.")]})
    put_off(item, until)
    _save(item, verbs.ITEM_SNOOZED, actor, until=until)
    return item


def put_off(item: ReviewItem, until: datetime) -> None:
    """Changes the item in memory: nobody has it, and it sleeps until then."""
    reopen(item)
    item.state, item.snoozed_until = ItemState.SNOOZED, until


def locked_item(item: ReviewItem, actor: User) -> ReviewItem:
    """The item, locked after its run: whoever locks both takes the run first. Raises NotAllowed."""
    require(actor, item.agent, Verb.REVIEW)
    return ReviewItem.objects.select_related("agent").select_for_update(no_key=True, of=("self",)).get(pk=item.pk)


def refuse_if_taken(item: ReviewItem, actor: User) -> None:
    """Raises Conflict while somebody else's claim lasts."""
    until = item.claimed_until
    if item.state == ItemState.CLAIMED and item.claimed_by_id != actor.pk and until and until > timezone.now():
        said = {"person": item.claimed_by, "until": time_format(timezone.localtime(until))}
        raise Conflict(_("%(person)s is on it until %(until)s.") % said, "claimed")


def reopen(item: ReviewItem) -> None:
    """Changes the item in memory: nobody has it. What a first person approved is still held for the second."""
    held = item.decisions.filter(state=DecisionState.HELD).exists()
    item.state = ItemState.HELD if held else ItemState.OPEN
    item.claimed_by = item.claimed_until = item.snoozed_until = None


def _save(item: ReviewItem, verb: str, actor: User, **data: Any) -> None:
    item.save(update_fields=["state", "claimed_by", "claimed_until", "snoozed_until"])
    record(verb, actor=actor.actor, team_id=item.agent.team_id, obj=item, agent_id=item.agent_id, **data)
    notify("queue")
