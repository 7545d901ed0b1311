"""The synchronous lane: who waits for an answer gets it within a deadline, or a queued run to ask for later (R-187)."""

import threading
import time
import uuid

from agents.base.context import about
from agents.runs import verbs
from agents.runs.enums import TERMINAL, RunState
from agents.runs.models import Run
from audit.actions import record

DEADLINE_S, LONGEST_S = 2.0, 20.0
AT_ONCE = 8
"""Callers that a process lets wait at once; the others hear at once that their run is queued."""
LOOK_S = 0.025
HAS_COME = (*TERMINAL, RunState.WAITING)
"""There is nothing more to wait for: it is over, or a person's turn."""
_seats = threading.BoundedSemaphore(AT_ONCE)


def wait_for(run_id: uuid.UUID, within_s: float = DEADLINE_S) -> Run:
    """The run as it stands when it is over, a person is asked, or `within_s` seconds have passed.

    What passes its deadline goes on as any queued run, and its event says that it was late. Call it outside the
    transaction that queued the run, or no worker sees it.
    """
    if not _seats.acquire(blocking=False):
        return _run(run_id)
    try:
        run = _watched(run_id, time.monotonic() + within_s)
    finally:
        _seats.release()
    if run.state not in HAS_COME:
        with about(run.pk):
            record(
                verbs.RUN_LATE,
                actor=run.agent.actor,
                team_id=run.agent.team_id,
                obj=run,
                agent_id=run.agent_id,
                within_ms=round(within_s * 1000),
            )
    return run


def _watched(run_id: uuid.UUID, until: float) -> Run:
    while True:
        run = _run(run_id)
        if run.state in HAS_COME or time.monotonic() >= until:
            return run
        time.sleep(LOOK_S)


def _run(run_id: uuid.UUID) -> Run:
    return Run.objects.select_related("agent").get(pk=run_id)
