"""What a person does with a run: pause, resume, cancel, release from quarantine."""

from django.db import transaction
from django.utils.translation import gettext as _

from agents.base.errors import Conflict
from agents.fleet.enums import Verb
from agents.fleet.permissions import require
from agents.people.models import User
from agents.runs import verbs, wording
from agents.runs.actions.exceptions import close_all
from agents.runs.enums import RunSignal, RunState
from agents.runs.models import Run
from agents.runs.status import look
from agents.runs.transitions import move, note, publish


@transaction.atomic
def pause_run(run: Run, *, actor: User) -> Run:
    """A queued or waiting run pauses at once, a running one at its next step boundary. Paused again: no change."""
    run = _locked(run, actor, Verb.PAUSE)
    if run.state not in (RunState.QUEUED, RunState.WAITING, RunState.RUNNING):
        raise _state_conflict(run)
    if run.signal == RunSignal.CANCEL:
        raise Conflict(_("Somebody has asked this run to stop already."), "stopping")
    if run.signal != RunSignal.PAUSE:
        _signal(run, RunSignal.PAUSE)
        verb = verbs.RUN_PAUSE_ASKED if run.state == RunState.RUNNING else verbs.RUN_PAUSED
        note(run, verb, actor=actor.actor)
    return run


@transaction.atomic
def resume_run(run: Run, *, actor: User) -> Run:
    """Takes a pause back; a queued run is published again. Raises Conflict when the run is not paused."""
    run = _locked(run, actor, Verb.PAUSE)
    if run.signal != RunSignal.PAUSE:
        raise Conflict(_("This run is not paused."), "not_paused")
    _signal(run, "")
    note(run, verbs.RUN_RESUMED, actor=actor.actor)
    if run.state == RunState.QUEUED:
        publish(run)
    return run


@transaction.atomic
def cancel_run(run: Run, *, actor: User, reason: str = "") -> Run:
    """Ends a run for good: at once, or at its next step boundary while a worker has it. What it asked is closed."""
    run = _locked(run, actor, Verb.PAUSE)
    if run.is_over:
        raise _state_conflict(run)
    if run.state == RunState.RUNNING:
        if run.signal != RunSignal.CANCEL:
            _signal(run, RunSignal.CANCEL)
            note(run, verbs.RUN_CANCEL_ASKED, actor=actor.actor, reason=reason)
        return run
    move(run, RunState.CANCELLED, verbs.RUN_CANCELLED, actor=actor.actor, reason=reason)
    close_all(run, actor=actor.actor, note=wording.RUN_CANCELLED)
    look(run.agent)
    return run


@transaction.atomic
def release_quarantine(run: Run, *, actor: User) -> Run:
    """Gives a quarantined run three more attempts and closes its exception. Raises Conflict in any other state."""
    run = _locked(run, actor, Verb.INSTRUCT)
    if run.state != RunState.QUARANTINED:
        raise Conflict(_("This run is not in quarantine."), "not_quarantined")
    move(run, RunState.QUEUED, verbs.RUN_RELEASED, actor=actor.actor, attempt=0, run_after=None)
    close_all(run, actor=actor.actor, note=wording.RELEASED)
    look(run.agent)
    return run


def _locked(run: Run, actor: User, verb: Verb) -> Run:
    require(actor, run.agent, verb)
    refuse_reported(run)
    return Run.objects.select_related("agent").select_for_update(no_key=True, of=("self",)).get(pk=run.pk)


def refuse_reported(run: Run) -> None:
    """Raises Conflict for a run that another system carries out: nobody there would hear of it."""
    if run.source:
        raise Conflict(_("Another system carries this run out: steer it there."), "reported")


def _signal(run: Run, signal: str) -> None:
    run.signal = signal
    run.save(update_fields=["signal"])


def _state_conflict(run: Run) -> Conflict:
    state = RunState(run.state).label
    return Conflict(_("This run is %(state)s already.") % {"state": str(state).lower()}, "wrong_state")
