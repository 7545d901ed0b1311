"""The synchronous lane: who waits for an answer gets it within a deadline, or a queued run to ask for later (R-187)."""

import threading
import time
import uuid

from agents.base.context import about
from agents.runs import verbs
from agents.runs.enums import TERMINAL, LaneOutcome, RunState
from agents.runs.models import LaneCall, Run
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

    How that went is kept (`LaneCall`). What passes its deadline goes on as any queued run, and its event says that it
    was late. Call it outside the transaction that queued the run, or no worker sees it.
    """
    if not _seats.acquire(blocking=False):
        return _kept(_run(run_id), LaneOutcome.FULL, within_s, 0.0)
    began = time.monotonic()
    try:
        run = _watched(run_id, began + within_s)
    finally:
        _seats.release()
    outcome = LaneOutcome.IN_TIME if run.state in HAS_COME else LaneOutcome.LATE
    _kept(run, outcome, within_s, time.monotonic() - began)
    if outcome is LaneOutcome.LATE:
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


def _kept(run: Run, outcome: LaneOutcome, within_s: float, took_s: float) -> Run:
    within_ms, took_ms = round(within_s * 1000), round(took_s * 1000)
    LaneCall.objects.create(run=run, outcome=outcome, within_ms=within_ms, took_ms=took_ms)
    return run


def _watched(run_id: uuid.UUID, until: float) -> Run:
    while True:
        run = _run(run_id)
        if run.state in HAS_COME or time.monotonic() >= until:
            return run
        time.sleep(LOOK_S)


def _run(run_id: uuid.UUID) -> Run:
    return Run.objects.select_related("agent").get(pk=run_id)
