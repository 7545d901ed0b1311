"""Carrying one run out, from claim to its next state. A failure becomes a state; a lost database gives the run back."""

import logging
import traceback
import uuid

from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError

from agents.base.context import correlate
from agents.engine import Done, Failed, LeaseLost, Outcome, walk
from agents.runs.execution.claim import claim
from agents.runs.execution.comeback import give_back
from agents.runs.execution.finish import finish
from agents.runs.execution.journal import PgJournal
from agents.runs.execution.lease import Heartbeat
from agents.runs.execution.planning import hopeless, plan
from agents.runs.models import Run
from agents.runs.registry import FlowContext, flow
from agents.runs.routes import first_state
from agents.runs.services import services_for
from agents.runs.transitions import stale

log = logging.getLogger(__name__)
PASSING = (LeaseLost, OperationalError, InterfaceError)


def drive(run_id: uuid.UUID) -> None:
    """Claim the run and carry it as far as it goes, after those of its queue whose SLA ends before it.

    Nothing happens when it is not to be had.
    """
    while not drive_next(run_id):
        pass


def drive_next(run_id: uuid.UUID) -> bool:
    """Claim and carry the run, or the one that goes before it. Whether it was its own turn, or it is not to be had."""
    with correlate(run_id):
        run = claim(run_id)
    if run is None:
        return True
    with correlate(run.pk):
        carry(run)
    return run.pk == run_id


def carry(run: Run) -> None:
    """Walk a claimed run and write where it got to. A worker that lost its lease leaves without a word but an event."""
    try:
        try:
            _walk_and_finish(run)
        except (OperationalError, InterfaceError) as error:
            give_back(run, error)
    except LeaseLost:
        stale(run)


def _walk_and_finish(run: Run) -> None:
    with PgJournal(run) as journal:
        outcome = outcome_of(run, journal)
        try:
            _finish(run, outcome, journal)
        except PASSING:
            raise
        except Exception as error:  # what the flow gave cannot be written
            finish(run, defect_of(run, error))


def _finish(run: Run, outcome: Outcome, journal: PgJournal) -> None:
    """The end of a run that is done goes with its last steps, any other after them."""
    if not isinstance(outcome, Done):
        journal.land()
    try:
        finish(run, outcome)
    except LeaseLost:
        journal.land()  # raises what they met, if it was that
        raise


def outcome_of(run: Run, journal: PgJournal) -> Outcome:
    """How the walk ends. A defect of a flow is a failure for a person; a lost database and LeaseLost pass through."""
    try:
        return _walk(run, journal)
    except PASSING:
        raise
    except SoftTimeLimitExceeded:
        return Failed("time_limit", "One call took longer than a task may")
    except Exception as error:
        return defect_of(run, error)


def defect_of(run: Run, error: Exception) -> Failed:
    """What a person is told of an error nobody thought of: what it was, and where."""
    log.error("Run %s met a defect", run.pk, exc_info=error)
    place = traceback.extract_tb(error.__traceback__)[-1]
    return Failed("defect", f"{type(error).__name__} in {place.name}: {error}"[:1000])


def _walk(run: Run, journal: PgJournal) -> Outcome:
    if run.untold is not None:
        raise run.untold
    version = run.flow_version
    if version is None:
        raise LookupError("This run has no flow to walk.")
    services = services_for(run)
    context = FlowContext(run, run.agent, version.settings, services)
    graph = flow(version.flow.slug).build(context)
    planned = plan(run, graph, services, version.settings)
    if planned and (failed := hopeless(planned, run)):
        return failed
    with Heartbeat(journal):
        return walk(graph, journal, services.planned(planned), first_state(run, planned))
