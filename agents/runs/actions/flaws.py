"""What turns out wrong after all: kept with the decision that had let it pass."""

from django.db import transaction
from django.utils.translation import gettext as _

from agents.base.actors import Actor
from agents.base.context import about
from agents.base.errors import Conflict, Invalid
from agents.base.hooks import notify
from agents.engine.state import storable
from agents.fleet.enums import Verb
from agents.fleet.permissions import require
from agents.people.models import User
from agents.runs import verbs
from agents.runs.enums import DecisionKind, ExceptionKind, FoundBy
from agents.runs.models import Decision, Flaw, Run, RunException
from audit.actions import record

MOST = 1_000
TELLING = (
    ExceptionKind.GUARDRAIL,
    ExceptionKind.HANDOFF,
    ExceptionKind.FAILURE,
    ExceptionKind.UNKNOWN_EFFECT,
    ExceptionKind.STALE_CONTEXT,
)
"""Kinds that, raised about a run that is over, say that it had gone wrong."""


@transaction.atomic
def mark_wrong(run: Run, *, actor: User, note: str) -> Flaw:
    """A person says that a finished run was wrong, and why; if a batch had approved it, that is an escape.

    Raises NotAllowed, Invalid without a note, or Conflict (`not_over`, `marked`).
    """
    require(actor, run.agent, Verb.REVIEW)
    said = storable(note.strip())[:MOST]
    if not said:
        why = _("Say what was wrong.")
        raise Invalid(why, fields={"note": [why]})
    if not run.is_over:
        raise Conflict(_("It is not over yet."), "not_over")
    flaw = _keep(run, FoundBy.PERSON, actor.actor, person=actor, note=said)
    if flaw is None:
        raise Conflict(_("It was said already that this run was wrong."), "marked")
    return flaw


def note_escape(exception: RunException) -> None:
    """In the transaction that raised it: what is raised about a run that a batch had approved is an escape."""
    run = exception.run
    if run and run.is_over and exception.kind in TELLING and passed_by(run):
        _keep(run, FoundBy.EXCEPTION, exception.agent.actor, exception=exception)


def note_rejection(decision: Decision, exception: RunException) -> None:
    """In the transaction of the decision: likewise what a person rejects; a sample whoever had approved it."""
    run = exception.run
    if (
        run
        and run.is_over
        and decision.kind == DecisionKind.REJECT
        and (exception.kind == ExceptionKind.SAMPLE or passed_by(run))
    ):
        _keep(run, FoundBy.REJECTION, decision.actor.actor, exception=exception, person=decision.actor)


def passed_by(run: Run) -> Decision | None:
    """The batch decision in whose window we learned how the run ended; None when no batch had it."""
    learned = max(run.state_since, run.arrived_at or run.state_since)
    days = Decision.objects.filter(review__agent=run.agent_id, review__in_batch=True)
    return days.filter(review__since__lt=learned, review__until__gte=learned).first()


def _keep(
    run: Run,
    found_by: FoundBy,
    actor: Actor,
    *,
    exception: RunException | None = None,
    person: User | None = None,
    note: str = "",
) -> Flaw | None:
    """None when it was found before."""
    told = {"agent": run.agent, "exception": exception, "person": person, "note": note, "decision": passed_by(run)}
    flaw, new = Flaw.objects.get_or_create(run=run, defaults={"found_by": found_by, **told})
    if not new:
        return None
    with about(run.pk):
        record(
            verbs.FLAW_FOUND,
            actor=actor,
            team_id=run.agent.team_id,
            obj=flaw,
            agent_id=run.agent_id,
            run=run.pk,
            found_by=found_by,
            escaped=flaw.decision_id,
            note=note,
        )
    notify("queue")
    return flaw
