"""What a decision brings about: let go when nobody undid it in time, and only as it was decided."""

import logging
import uuid
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.actors import SYSTEM, Actor
from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.base.hooks import notify
from agents.engine import Json, digest
from agents.people.models import User
from agents.runs import hooks, verbs, wording
from agents.runs.actions.escalating import lower
from agents.runs.actions.exceptions import close, note_decision, note_refused
from agents.runs.actions.review import locked_item, reopen
from agents.runs.actions.reviews import close_with_last_item
from agents.runs.answers import LATER, answer_for
from agents.runs.enums import DecisionKind, DecisionState, ExceptionState, ItemState, RunState, StepState
from agents.runs.models import Decision, ReviewItem, Run, RunException, Step
from agents.runs.queries.seen import unanswered
from agents.runs.status import look
from agents.runs.transitions import move
from agents.runs.wake import wire

log = logging.getLogger(__name__)
BATCH = 200


def release(decision: Decision, item: ReviewItem, run: Run | None) -> None:
    """Lets the effect leave. The caller has locked run and item; what is no longer what was decided is refused."""
    exception, closed = item.exception, item.state == ItemState.DECIDED and decision.kind not in LATER
    if closed and exception is not None and digest(_answer(decision, exception)) != decision.answer_sha256:
        _refuse(decision, item, wording.CHANGED_SINCE)
        return
    decision.state = DecisionState.RELEASED
    decision.save(update_fields=["state"])
    if closed and exception is not None:
        _bring_about(decision, item, exception, run)
    if closed:
        close_with_last_item(item.agent, decision.actor)


def _bring_about(decision: Decision, item: ReviewItem, exception: RunException, run: Run | None) -> None:
    if run is not None:
        give_answer(run, exception, exception.answer, actor=decision.actor.actor)
    for tell in hooks.settled:
        tell(decision, exception)
    look(item.agent)


def release_later(grace_s: float) -> None:
    """Once this transaction is committed, a worker is asked to look when the time has come; the sweep looks too."""
    transaction.on_commit(lambda: wire.send("runs.release", [], "urgent", countdown=grace_s), robust=True)


def release_due() -> None:
    """Every decision whose time to be undone is over, each by itself: one that fails goes back to people.

    A lost database passes through: whoever looks next finds them all as they were.
    """
    due = Decision.objects.filter(state=DecisionState.PENDING, releases_at__lte=Now()).order_by("releases_at")
    for pk, item_id in due.values_list("pk", "item_id")[:BATCH]:
        try:
            _with_pending(pk, item_id, release)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("The effect of decision %s could not leave", pk)
            _with_pending(pk, item_id, _could_not_leave)


@transaction.atomic
def _with_pending(pk: uuid.UUID, item_id: uuid.UUID, act: Callable[[Decision, ReviewItem, Run | None], None]) -> None:
    """Under the locks that an undo takes, too; nothing happens to a decision that is no longer pending."""
    run = locked_run(item_id)
    item = ReviewItem.objects.select_related("agent", "exception__agent").select_for_update(no_key=True, of=("self",))
    place = item.get(pk=item_id)
    decision = Decision.objects.select_related("actor").get(pk=pk)
    if decision.state == DecisionState.PENDING:
        act(decision, place, run)
        notify("queue")


def _could_not_leave(decision: Decision, item: ReviewItem, run: Run | None) -> None:
    _refuse(decision, item, wording.COULD_NOT_LEAVE)


@transaction.atomic
def undo_decision(decision: Decision, *, actor: User) -> ReviewItem:
    """Takes a decision back while its effect has not left; its item is open again. Undone twice, nothing happens.

    An escalation, while nobody has acted on it. Raises NotAllowed, and Conflict: `released` when it has left,
    `gone_on` when the run no longer waits for it, `already_decided` when another decision has closed the item, `acted`.
    """
    if decision.item is None:
        raise Conflict(_("A day that was decided stays decided."), "released")
    run = locked_run(decision.item_id)
    item = locked_item(decision.item, actor)
    decision = Decision.objects.select_related("actor").get(pk=decision.pk)
    if decision.state == DecisionState.UNDONE:
        return item
    if decision.kind == DecisionKind.ESCALATE:
        lower(decision, item, actor)
    else:
        _guard_undo(decision, item, run, actor)
    decision.state = DecisionState.UNDONE
    decision.save(update_fields=["state"])
    if decision.kind != DecisionKind.ESCALATE:
        _open_again(item)
    note_decision(verbs.DECISION_UNDONE, decision, item, actor.actor)
    return item


def _guard_undo(decision: Decision, item: ReviewItem, run: Run | None, actor: User) -> None:
    if decision.state == DecisionState.REFUSED:
        raise Conflict(_("It did not take effect: there is nothing to take back."), "refused")
    if decision.state not in (DecisionState.PENDING, DecisionState.HELD):
        raise Conflict(_("Too late: what was decided has happened already."), "released")
    if item.state == ItemState.DECIDED and (decision.state == DecisionState.HELD or decision.kind in LATER):
        raise Conflict(_("This was decided already."), "already_decided")
    if decision.state == DecisionState.HELD and decision.actor_id != actor.pk:
        raise NotAllowed(_("Only %(person)s takes this back; you may reject it.") % {"person": decision.actor}, "held")
    waits = item.exception is None or not item.exception.step_key or run is None or run.state == RunState.WAITING
    if not waits:
        raise Conflict(_("Too late: its run has gone on."), "gone_on")


def _open_again(item: ReviewItem) -> None:
    exception = item.exception
    if exception is not None and exception.state == ExceptionState.RESOLVED:
        exception.state, exception.answer, exception.resolved_at = ExceptionState.OPEN, None, None
        exception.root_cause = exception.root_cause_note = ""
        exception.save(update_fields=["state", "answer", "resolved_at", "root_cause", "root_cause_note"])
    reopen(item)
    item.decided_at = None
    item.save(update_fields=["state", "claimed_by", "claimed_until", "snoozed_until", "decided_at"])
    look(item.agent)


def _refuse(decision: Decision, item: ReviewItem, why: str) -> None:
    """What was decided does not happen, and somebody looks again."""
    decision.state = DecisionState.REFUSED
    decision.save(update_fields=["state"])
    _open_again(item)
    if item.exception is not None:
        note_refused(item.exception, why)
    note_decision(verbs.DECISION_REFUSED, decision, item, SYSTEM)


def _answer(decision: Decision, exception: RunException) -> Json:
    """The answer as the rows make it now; None where they make none any more."""
    try:
        return answer_for(exception, DecisionKind(decision.kind), decision.payload, decision.note)
    except Invalid:
        return None


def give_answer(run: Run, exception: RunException, answer: Json, *, actor: Actor) -> None:
    """The answer becomes the output of the person's step, and the run that waits for it goes on."""
    if run.state != RunState.WAITING or not exception.step_key:
        return
    asked = Step.objects.filter(run=run, key=exception.step_key, state=StepState.INTENDED)
    asked.update(state=StepState.CONFIRMED, output=answer, finished_at=timezone.now())
    move(run, _goes_on(run), verbs.RUN_ANSWERED, actor=actor, run_after=None, steps_done=F("steps_done") + 1)
    if run.source:
        hooks.answered(run, exception, answer)


def _goes_on(run: Run) -> RunState:
    """Ours is queued for a worker; one that another system carries out goes on there once it has all its answers."""
    if not run.source:
        return RunState.QUEUED
    return RunState.WAITING if unanswered(run) else RunState.RUNNING


def locked_run(item_id: uuid.UUID | None) -> Run | None:
    """Runs are locked before items, here and wherever both are."""
    runs = Run.objects.filter(exceptions__item=item_id).select_related("agent")
    return runs.select_for_update(no_key=True, of=("self",)).first()


def settle(decision: Decision, item: ReviewItem, exception: RunException) -> None:
    """Closes item and exception with the answer that the decision makes; the caller has locked them."""
    answer = answer_for(exception, DecisionKind(decision.kind), decision.payload, decision.note)
    decision.answer_sha256 = digest(answer)
    close(item, exception, ExceptionState.RESOLVED, answer)
    look(item.agent)
