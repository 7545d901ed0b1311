"""From the walk's outcome to the run's next state, in one transaction with its exception and its event."""

from datetime import timedelta
from functools import singledispatch

from django.db import transaction
from django.utils import timezone

from agents.base.faults import faultpoint
from agents.engine import Done, Failed, Outcome, Question, Signal, Stopped, Waiting
from agents.runs import verbs, wording
from agents.runs.actions.exceptions import close_all, raise_exception
from agents.runs.actions.thawing import frozen_still
from agents.runs.briefings import UNBRIEFED, missing, told, without
from agents.runs.enums import ExceptionKind, RunSignal, RunState, Severity
from agents.runs.models import Run
from agents.runs.status import look
from agents.runs.transitions import leave, publish

APPROVAL_LASTS = timedelta(hours=72)
"""Long enough for a weekend; then the approval counts as denied."""
KINDS = {"outcome_unknown": ExceptionKind.UNKNOWN_EFFECT}
SEVERITIES = {"low": Severity.LOW, "high": Severity.HIGH}


def finish(run: Run, outcome: Outcome) -> None:
    """The worker's last write. Raises LeaseLost, having changed nothing, when another holds the run."""
    faultpoint("run.before_finish")
    if isinstance(outcome, Done):
        _done(outcome, run)
    else:
        with transaction.atomic():
            settle(_obeying(run, outcome), run)
    faultpoint("run.after_finish_before_ack")


def _done(outcome: Done, run: Run) -> None:
    """One statement, one commit. How the agent is seen follows; should we die before, the sweep looks again."""
    leave(run, RunState.DONE, verbs.RUN_DONE, result=outcome.result)
    look(run.agent)


def _obeying(run: Run, outcome: Outcome) -> Outcome:
    """Who was asked to stop neither waits nor tries again, though it was asked after the walk last listened."""
    if isinstance(outcome, Failed):
        return outcome
    held = Run.objects.filter(pk=run.pk, signal=RunSignal.CANCEL).select_for_update(no_key=True)
    return Stopped(Signal.CANCEL) if held.exists() else outcome


@singledispatch
def settle(outcome: object, run: Run) -> None:
    raise TypeError(f"A walk does not end in {type(outcome).__name__}.")


@settle.register
def _failed(outcome: Failed, run: Run) -> None:
    leave(run, RunState.FAILED, verbs.RUN_FAILED, reason=f"{outcome.reason}: {outcome.error}")
    raise_exception(
        run.agent,
        run=run,
        step_key="",
        kind=ExceptionKind.FAILURE,
        severity=Severity.HIGH,
        title=wording.RUN_FAILED % {"run": run},
        detail=outcome.error,
        evidence={"step": outcome.key, "reason": outcome.reason},
        cause=outcome.reason,
    )


@settle.register
def _waiting(outcome: Waiting, run: Run) -> None:
    question = outcome.question
    leave(run, RunState.WAITING, verbs.RUN_WAITING, reason=question.title)
    kind, cause, detail = _handed_over(question)
    raise_exception(
        run.agent,
        run=run,
        step_key=question.key,
        kind=kind,
        severity=SEVERITIES.get(question.severity, Severity.MEDIUM),
        title=question.title,
        detail=detail,
        evidence={"step": question.key},
        schema=dict(question.schema),
        proposal=question.proposal,
        cause=cause,
        expires_at=timezone.now() + APPROVAL_LASTS if kind == ExceptionKind.APPROVAL else None,
    )


def _handed_over(question: Question) -> tuple[ExceptionKind, str, str]:
    """Kind, cause, detail. A handoff without its four parts is refused: the agent has failed, and somebody sees it."""
    kind = kind_of(question)
    lacking = missing(question.briefing)
    if kind == ExceptionKind.HANDOFF and lacking:
        return ExceptionKind.FAILURE, UNBRIEFED, without(lacking, question.detail)
    return kind, question.reason, question.detail or ("" if lacking else told(question.briefing))


@settle.register
def _stopped(outcome: Stopped, run: Run) -> None:
    if outcome.reason == Signal.YIELD:
        leave(run, RunState.QUEUED, verbs.RUN_YIELDED, reason=wording.GAVE_WAY)
        publish(run)
    elif outcome.reason == Signal.PAUSE:
        leave(run, RunState.QUEUED, verbs.RUN_PAUSED, reason=wording.PAUSED)
    elif outcome.reason == "retry":
        _later(outcome, run)
    else:
        _cancelled(outcome, run)
    look(run.agent)


def _later(outcome: Stopped, run: Run) -> None:
    later, frozen = outcome.retry_after or 0.0, frozen_still(run)
    if frozen == "":
        leave(run, RunState.QUEUED, verbs.RUN_YIELDED, reason=wording.TRIES_LATER)
        publish(run)
        return
    reason = wording.WAITS_FOR_THAW % {"reason": frozen} if frozen else wording.TRIES_LATER
    leave(run, RunState.QUEUED, verbs.RUN_YIELDED, reason=reason, again_in_s=later)


def _cancelled(outcome: Stopped, run: Run) -> None:
    """By the signal of a person, or by the answer "stop" to what the engine asked."""
    leave(run, RunState.CANCELLED, verbs.RUN_CANCELLED, reason=wording.STOPPED % {"reason": outcome.reason})
    close_all(run, actor=run.agent.actor, note=wording.RUN_CANCELLED)


def kind_of(question: Question) -> ExceptionKind:
    """The engine's and the flows' reasons are kinds by name; any other reason is a question."""
    reason = question.reason
    if reason in KINDS:
        return KINDS[reason]
    return ExceptionKind(reason) if reason in ExceptionKind.values else ExceptionKind.QUESTION
