"""What nobody answers is handed to the next person of its escalation policy, once a step, however many sweep."""

import uuid

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from agents.base.actors import SYSTEM
from agents.base.hooks import notify
from agents.fleet.models import Agent
from agents.people.models import User
from agents.runs import verbs
from agents.runs.actions.exceptions import note_exception
from agents.runs.enums import ExceptionState, ItemState
from agents.runs.ladders import Ladder
from agents.runs.models import ReviewItem, RunException
from agents.runs.queries.policies import holder, ladder_for, target

BATCH = 200
DUE = {"state": ItemState.OPEN, "escalate_at__lte": Now(), "exception__state": ExceptionState.OPEN}


def hand_on() -> None:
    """Every open item whose hour has come; what somebody is on, has put off or holds waits."""
    for pk in list(ReviewItem.objects.filter(**DUE).order_by("escalate_at").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            _hand_on(pk)


def _hand_on(pk: uuid.UUID) -> None:
    """The condition is asked again under the lock: whoever swept first has moved the hour."""
    rows = ReviewItem.objects.filter(pk=pk, **DUE).select_related("exception__agent", "assignee")
    item = rows.select_for_update(no_key=True, skip_locked=True, of=("self",)).first()
    if item is None or item.exception is None:
        return
    exception = item.exception
    ladder, before = ladder_for(exception.agent, exception.severity), holder(item)
    hop, person = _next(ladder, item.hops, exception.agent, before)
    item.assignee, item.hops = person or item.assignee, hop
    item.covers_for = None if person else item.covers_for
    rung = ladder.at(hop)
    item.escalate_at = timezone.now() + rung.delay if rung and person else None
    item.save(update_fields=["assignee", "covers_for", "hops", "escalate_at"])
    _note(exception, before, person, ladder, hop)


def _next(ladder: Ladder, hop: int, agent: Agent, before: User | None) -> tuple[int, User | None]:
    """How many steps are taken then, and who is next: the first from here on who is there and not the same again."""
    while (rung := ladder.at(hop)) is not None:
        hop += 1
        if (person := target(rung, agent)) and person != before:
            return hop, person
    return hop, None


def _note(exception: RunException, before: User | None, person: User | None, ladder: Ladder, hop: int) -> None:
    told = {"before": before and before.pk, "from": str(before or ""), "step": hop, "policy": ladder.number}
    if person is None:
        note_exception(verbs.EXCEPTION_UNANSWERED, exception, SYSTEM, **told)
    else:
        note_exception(verbs.EXCEPTION_HANDED_ON, exception, SYSTEM, after=person.pk, to=str(person), **told)
    notify("queue")
