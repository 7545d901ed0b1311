"""The one door through which a person decides (design.md §1): permission → lock → guard → write → audit → wake."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.actors import Actor
from agents.base.context import about
from agents.base.errors import Invalid
from agents.base.faults import faultpoint
from agents.base.hooks import notify
from agents.engine import Json
from agents.engine.state import storable
from agents.people.models import User
from agents.runs import hooks, verbs
from agents.runs.actions.exceptions import close
from agents.runs.actions.guards import AlreadyDecided, guard, who_was_faster
from agents.runs.actions.review import locked_item, put_off, reopen
from agents.runs.actions.reviews import close_with_last_item
from agents.runs.answers import answer_for
from agents.runs.enums import DecisionKind, ExceptionState, ItemState, RunState, Severity, StepState
from agents.runs.models import Decision, ReviewItem, Run, RunException, Step
from agents.runs.ranking import rank
from agents.runs.status import look
from agents.runs.transitions import move
from audit.actions import record

SKIPPED_FOR = timedelta(hours=4)


@transaction.atomic
def decide(
    item: ReviewItem,
    *,
    actor: User,
    kind: DecisionKind | str,
    note: str = "",
    payload: Json = None,
    proposal_sha256: str = "",
    idempotency_key: str,
) -> Decision:
    """Decides an item, once. The same actor, kind and key again: the first decision.

    `payload` is the edited proposal or the answer; `proposal_sha256` the hash of the proposal the person saw, without
    which nothing is approved. A waiting run gets the answer as its person's step and goes on; escalate raises the
    item, skip (with a reason) puts it off. Raises NotAllowed, AlreadyDecided, Conflict (`claimed`, `changed`,
    `expired`) or Invalid with `fields`.
    """
    kind = _kind(kind)
    run = _locked_run(item)
    item = locked_item(item, actor)
    if again := item.decisions.filter(idempotency_key=idempotency_key).first():
        return _same(again, item, actor, kind)
    guard(item, actor, kind, note, proposal_sha256)
    decision = Decision.objects.create(
        item=item,
        actor=actor,
        kind=kind,
        note=storable(note),
        payload=_storable(payload),
        proposal_sha256=proposal_sha256,
        idempotency_key=idempotency_key,
    )
    _apply(decision, item, run)
    _record(decision, item)
    if item.state == ItemState.DECIDED:
        close_with_last_item(item.agent, actor)
    faultpoint("approval.after_decision")
    return decision


def _apply(decision: Decision, item: ReviewItem, run: Run | None) -> None:
    kind = DecisionKind(decision.kind)
    if kind is DecisionKind.ESCALATE:
        _escalate(item)
    elif kind is DecisionKind.SKIP:
        put_off(item, timezone.now() + SKIPPED_FOR)
        item.save(update_fields=["state", "claimed_by", "claimed_until", "snoozed_until"])
    elif item.exception is not None:
        _settle(decision, item, item.exception, run)
    else:
        item.state, item.decided_at = ItemState.DECIDED, timezone.now()
        item.save(update_fields=["state", "decided_at"])


def _settle(decision: Decision, item: ReviewItem, exception: RunException, run: Run | None) -> None:
    answer = answer_for(exception, DecisionKind(decision.kind), decision.payload, decision.note)
    close(item, exception, ExceptionState.RESOLVED, answer)
    if run is not None:
        give_answer(run, exception, answer, actor=decision.actor.actor)
    for tell in hooks.settled:
        tell(decision, exception)
    look(item.agent)


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
    asks = run.exceptions.filter(state=ExceptionState.OPEN).exclude(step_key="").exists()
    return RunState.WAITING if asks else RunState.RUNNING


def _escalate(item: ReviewItem) -> None:
    """Back to everybody, as urgent as it gets."""
    reopen(item)
    if item.exception is not None:
        item.exception.severity = Severity.HIGH
        item.exception.save(update_fields=["severity"])
        item.rank, item.rank_reason = rank(item.exception, escalated=True)
    item.save(update_fields=["state", "claimed_by", "claimed_until", "snoozed_until", "rank", "rank_reason"])


def _locked_run(item: ReviewItem) -> Run | None:
    """Runs are locked before items, here and wherever both are."""
    runs = Run.objects.filter(exceptions__item=item).select_related("agent")
    return runs.select_for_update(no_key=True, of=("self",)).first()


def _same(first: Decision, item: ReviewItem, actor: User, kind: DecisionKind) -> Decision:
    if first.actor_id == actor.pk and first.kind == kind:
        return first
    raise AlreadyDecided(who_was_faster(item), "already_decided")


def _kind(kind: DecisionKind | str) -> DecisionKind:
    try:
        return DecisionKind(kind)
    except ValueError:
        raise Invalid(_("There is no decision called “%(kind)s”.") % {"kind": kind}, "kind") from None


def _storable(payload: Json) -> Json:
    try:
        return storable(payload)
    except (TypeError, ValueError):
        raise Invalid(_("The answer is not JSON."), fields={"answer": [_("Not JSON.")]}) from None


def _record(decision: Decision, item: ReviewItem) -> None:
    run_id = item.exception.run_id if item.exception else None
    with about(run_id):
        record(
            verbs.DECISION_MADE,
            actor=decision.actor.actor,
            team_id=item.agent.team_id,
            obj=decision,
            agent_id=item.agent_id,
            item=item.pk,
            exception=item.exception_id,
            run=run_id,
            kind=decision.kind,
            note=decision.note,
            proposal_sha256=decision.proposal_sha256,
        )
    notify("queue")
