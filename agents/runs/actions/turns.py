"""Whose turn an item is, and what the agent's people say to each other about it."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agents.base.errors import Conflict, Invalid
from agents.base.hooks import notify
from agents.engine.state import storable
from agents.fleet.enums import Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import require, reviewers
from agents.people.models import User
from agents.runs import verbs
from agents.runs.actions.review import locked_item, refuse_if_taken, reopen
from agents.runs.actions.start import start_run
from agents.runs.enums import ItemState, Queue
from agents.runs.models import ITEM, ItemNote, ReviewItem, Run
from agents.runs.queries.helping import UNDER_WAY, helpers, task_of
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
def assign_to_agent(item: ReviewItem, *, actor: User, to: Agent) -> Run:
    """A run of that agent works out an answer, for a person to decide on: whose turn it is does not change.

    While it is at it, asking again is the same run. Raises NotAllowed, Invalid where the agent cannot take it, and
    Conflict when somebody else is on the item or it is decided.
    """
    item = locked_item(item, actor)
    refuse_if_taken(item, actor)
    exception = item.exception
    if item.state == ItemState.DECIDED or exception is None:
        raise Conflict(_("This was decided already."), "already_decided")
    if to not in helpers(actor, exception):
        said = _("%(agent)s cannot take this.") % {"agent": to}
        raise Invalid(said, "assignee", fields={"to": [said]})
    if at_it := Run.objects.filter(subject_type=ITEM, subject_id=item.pk, agent=to, state__in=UNDER_WAY).first():
        return at_it
    title, given = exception.title[:200], task_of(exception)
    run = start_run(to, actor=actor, input=given, title=title, queue=Queue.URGENT, subject=(ITEM, item.pk))
    _note(verbs.ITEM_TO_AGENT, item, actor, to=to.slug, run=str(run.pk))
    return run


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
