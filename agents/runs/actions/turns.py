"""Whose turn an item is, and what the agent's people say to each other about it."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agents.base.errors import Conflict, Invalid
from agents.base.hooks import notify
from agents.engine.state import storable
from agents.fleet.enums import Verb
from agents.fleet.permissions import require, reviewers
from agents.people.models import User
from agents.runs import verbs
from agents.runs.actions.review import locked_item, refuse_if_taken, reopen
from agents.runs.enums import ItemState
from agents.runs.models import ItemNote, ReviewItem
from audit.actions import record


@transaction.atomic
def assign_item(item: ReviewItem, *, actor: User, to: User) -> ReviewItem:
    """From now on it is this person's turn; nobody's claim stays. Raises Invalid unless that person may decide it.

    Raises NotAllowed, and Conflict when somebody else is on it or it is decided.
    """
    item = locked_item(item, actor)
    refuse_if_taken(item, actor)
    if item.state == ItemState.DECIDED:
        raise Conflict(_("This was decided already."), "already_decided")
    if not reviewers(item.agent).filter(pk=to.pk).exists():
        said = _("%(person)s may not decide what %(agent)s asks.") % {"person": to, "agent": item.agent}
        raise Invalid(said, "assignee", fields={"to": [said]})
    reopen(item)
    item.assignee, item.covers_for = to, None
    item.save(update_fields=["state", "claimed_by", "claimed_until", "snoozed_until", "assignee", "covers_for"])
    _note(verbs.ITEM_ASSIGNED, item, actor, to=str(to.pk))
    return item


@transaction.atomic
def note_item(item: ReviewItem, *, actor: User, text: str) -> ItemNote:
    """A note for the agent's people; neither the agent nor its vendor hears of it. Raises NotAllowed or Invalid."""
    require(actor, item.agent, Verb.REVIEW)
    if not text.strip():
        raise Invalid(_("Write a note."), fields={"text": [_("Write a note.")]})
    note = ItemNote.objects.create(item=item, author=actor, text=storable(text.strip()))
    _note(verbs.ITEM_NOTED, item, actor, note=note.pk)
    return note


def _note(verb: str, item: ReviewItem, actor: User, **data: Any) -> None:
    record(verb, actor=actor.actor, team_id=item.agent.team_id, obj=item, agent_id=item.agent_id, **data)
    notify("queue")
