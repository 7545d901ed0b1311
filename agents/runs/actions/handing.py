"""What nobody answers is handed to the next person of its escalation policy, once a step, however many sweep."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db.models.functions import Now
from django.utils import timezone

from agents.base.actors import SYSTEM
from agents.base.apart import apart
from agents.base.hooks import notify
from agents.people.models import User
from agents.runs import verbs
from agents.runs.actions.exceptions import note_exception
from agents.runs.enums import ExceptionState, ItemState
from agents.runs.ladders import Ladder
from agents.runs.models import ReviewItem, RunException
from agents.runs.queries.policies import ladder_of_case
from agents.runs.queries.whom import holder, whom

BATCH = 200


@dataclass(frozen=True)
class Turn:
    """How many steps are taken then, and who is next; or when the first who is meant is at work."""

    hop: int
    person: User | None = None
    begins: dt.datetime | None = None


DUE = {"state": ItemState.OPEN, "escalate_at__lte": Now(), "exception__state": ExceptionState.OPEN}


def hand_on() -> None:
    """Every open item whose hour has come; what somebody is on, has put off or holds waits."""
    for pk in list(ReviewItem.objects.filter(**DUE).order_by("escalate_at").values_list("pk", flat=True)[:BATCH]):
        with apart("hand on an item", pk):
            _hand_on(pk)


def _hand_on(pk: uuid.UUID) -> None:
    """The condition is asked again under the lock: whoever swept first has moved the hour."""
    rows = ReviewItem.objects.filter(pk=pk, **DUE).select_related("exception__agent", "exception__run", "assignee")
    item = rows.select_for_update(no_key=True, skip_locked=True, of=("self",)).first()
    if item is None or item.exception is None:
        return
    exception = item.exception
    ladder, before = ladder_of_case(exception), holder(item)
    turn = _next(ladder, item.hops, exception, before)
    item.assignee, item.hops = turn.person or item.assignee, turn.hop
    item.covers_for = None if turn.person else item.covers_for
    rung = ladder.at(turn.hop)
    item.escalate_at = timezone.now() + rung.delay if rung and turn.person else turn.begins
    item.save(update_fields=["assignee", "covers_for", "hops", "escalate_at"])
    _note(exception, before, turn, ladder.number)


def _next(ladder: Ladder, hop: int, exception: RunException, before: User | None) -> Turn:
    """The first from here on who is there and not the same again; nobody, while those who are meant are not at work."""
    taken, begins = hop, list[dt.datetime]()
    while (rung := ladder.at(taken)) is not None:
        taken += 1
        person, start = whom(rung, exception, before)
        if person:
            return Turn(taken, person)
        begins += [start] if start else []
    return Turn(hop, begins=min(begins)) if begins else Turn(taken)


def _note(exception: RunException, before: User | None, turn: Turn, number: int) -> None:
    told = {"before": before and before.pk, "from": str(before or ""), "step": turn.hop, "policy": number}
    if turn.person:
        told |= {"after": turn.person.pk, "to": str(turn.person)}
        note_exception(verbs.EXCEPTION_HANDED_ON, exception, SYSTEM, **told)
    elif turn.begins:
        note_exception(verbs.EXCEPTION_OFF_HOURS, exception, SYSTEM, until=turn.begins, **told)
    else:
        note_exception(verbs.EXCEPTION_UNANSWERED, exception, SYSTEM, **told)
    notify("queue")
