"""Carrying one run out, from claim to its next state. A failure becomes a state; only a lost database does not."""

import logging
import traceback
import uuid

from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError, InterfaceError

from agents.base.context import correlate
from agents.engine import Failed, LeaseLost, Outcome, State, walk
from agents.runs.execution.claim import claim
from agents.runs.execution.finish import finish
from agents.runs.execution.journal import PgJournal
from agents.runs.execution.lease import Heartbeat
from agents.runs.models import Run
from agents.runs.registry import FlowContext, flow
from agents.runs.services import services_for
from agents.runs.transitions import stale

log = logging.getLogger(__name__)


def drive(run_id: uuid.UUID) -> None:
    """Claim the run and carry it as far as it goes; nothing happens when it is not to be had."""
    with correlate(run_id):
        run = claim(run_id)
        if run is not None:
            carry(run)


def carry(run: Run) -> None:
    """Walk a claimed run and write where it got to. A worker that lost its lease leaves without a word but an event."""
    try:
        finish(run, outcome_of(run))
    except LeaseLost:
        stale(run)


def outcome_of(run: Run) -> Outcome:
    """How the walk ends. A defect of a flow is a failure for a person; database errors and LeaseLost pass through."""
    try:
        return _walk(run)
    except (LeaseLost, DatabaseError, InterfaceError):
        raise
    except SoftTimeLimitExceeded:
        return Failed("time_limit", "One call took longer than a task may")
    except Exception as error:
        log.exception("Run %s met a defect", run.pk)
        place = traceback.extract_tb(error.__traceback__)[-1]
        return Failed("defect", f"{type(error).__name__} in {place.name}: {error}"[:1000])


def _walk(run: Run) -> Outcome:
    version = run.flow_version
    if version is None:
        raise LookupError("This run has no flow to walk.")
    services = services_for(run)
    context = FlowContext(run, run.agent, version.settings, services)
    graph = flow(version.flow.slug).build(context)
    journal = PgJournal(run)
    with Heartbeat(journal):
        return walk(graph, journal, services, State(run.input))
