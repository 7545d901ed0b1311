"""Claiming a run: one conditional UPDATE gives a worker the lease and a new fencing token.

A run that nobody had, and nobody tells anything, is claimed and read by one statement: it was guessed how its row is.
"""

import os
import platform
import uuid
from contextlib import nullcontext
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction

from agents.base.faults import faultpoint
from agents.base.rows import columns, load
from agents.base.sql import Row, first
from agents.fleet.enums import Lifecycle
from agents.fleet.models import Agent, Assignment, FlowVersion
from agents.runs import hooks, verbs
from agents.runs.enums import RunState
from agents.runs.lanes import HELD
from agents.runs.models import Run
from agents.runs.transitions import take, take_unread

TO_BE_HAD = """r.state || '' = 'queued' AND (r.run_after IS NULL OR r.run_after <= now()) AND r.signal = ''
  AND a.id = r.agent_id AND a.lifecycle NOT IN ('paused', 'retired')"""
# Whoever is woken for one run takes the one of its queue whose SLA ends before, if one waits.
PRESSING = f"""(SELECT r.id FROM runs_run m, runs_run r, fleet_agent a
  WHERE m.id = %s AND r.queue = m.queue AND r.state = 'queued' AND r.answer_by < coalesce(m.answer_by, 'infinity')
    AND {TO_BE_HAD} AND NOT ({HELD}) ORDER BY r.answer_by LIMIT 1)"""
INSTRUCTION = "SELECT i.id FROM fleet_instruction i WHERE i.agent_id = a.id ORDER BY i.number DESC LIMIT 1"
MINE = """
  state = 'running', state_since = now(), reason = '', run_after = NULL, fence = r.fence + 1, attempt = r.attempt + 1,
  lease_owner = %s, lease_until = now() + make_interval(secs => %s), started_at = coalesce(r.started_at, now())
"""
# Whoever was here since we looked has left another fence or attempt, and has the run.
CLAIM = f"""
UPDATE runs_run r SET {MINE}, instruction_id = CASE WHEN r.fence > 0 THEN r.instruction_id ELSE ({INSTRUCTION}) END
FROM fleet_agent a
WHERE r.id = %s AND r.fence = %s AND r.attempt = %s AND {TO_BE_HAD}
RETURNING r.started_at::text, coalesce(r.instruction_id::text, '')
"""


def worker() -> str:
    """Who we are, for people who look at a lease."""
    return f"{platform.node()}:{os.getpid()}"[:120]


def claim(run_id: uuid.UUID) -> Run | None:
    """The run, ours until the lease ends; None when it is not to be had: taken, not due, paused, over, or gone.

    Where another of its queue waits whose SLA ends before, that one. One round trip where nobody had it yet and none is
    more pressing, else three; one commit, unless campaigns have something to tell it. That of the first claim is not
    waited for: each write of the run comes after it, and sees whether the claim is there.
    """
    run = _claim_new(run_id) or _claim_seen(run_id)
    if run is not None:
        faultpoint("claim.after")
    return run


def _claim_new(run_id: uuid.UUID) -> Run | None:
    guess = Run(pk=run_id, state=RunState.RUNNING)
    given = [worker(), settings.RUN_LEASE, run_id, run_id]
    row = take_unread(guess, _new(hooks.context_due), given, verbs.RUN_CLAIMED, fence=1, attempt=1)
    return _loaded(row) if row else None


def _claim_seen(run_id: uuid.UUID) -> Run | None:
    row = first(_queued(hooks.context_due), [run_id, run_id])
    if row is None:
        return None
    run, is_told = _loaded(row[1:]), row[0]
    with transaction.atomic() if is_told else nullcontext():
        is_ours = _take(run)
        if is_ours and is_told:
            _know(run)
    if is_ours:
        return run
    return None if run.pk == run_id else _claim_seen(run_id)  # somebody else had the pressing one


@lru_cache(8)
def _new(context_due: str) -> str:
    """The first claim of a run, with all that carrying it out reads."""
    return f"""
UPDATE runs_run r SET {MINE}, instruction_id = ({INSTRUCTION})
FROM fleet_agent a LEFT JOIN fleet_assignment g ON g.agent_id = a.id
WHERE r.id = %s AND r.fence = 0 AND r.attempt = 0 AND {TO_BE_HAD} AND NOT ({HELD}) AND NOT ({context_due})
  AND {PRESSING} IS NULL
RETURNING {_read()}, a.team_id AS event_team, a.id AS event_agent, a.name AS event_name
"""


@lru_cache(8)
def _queued(context_due: str) -> str:
    """A run to be had with all that carrying it out reads, and whether it has yet to be told something."""
    return f"""
SELECT r.fence = 0 AND {context_due}, {_read()}
FROM runs_run r JOIN fleet_agent a ON a.id = r.agent_id LEFT JOIN fleet_assignment g ON g.agent_id = a.id
WHERE r.id = coalesce({PRESSING}, %s) AND {TO_BE_HAD} AND NOT ({HELD})
"""


def _read() -> str:
    return ", ".join((columns(Run, "r"), columns(Agent, "a"), columns(Assignment, "g")))


def _loaded(row: Row) -> Run:
    run, row = load(Run, row)
    run.agent, row = load(Agent, row)
    if row[0] is not None:
        assignment, _ = load(Assignment, row)
        assignment.agent = run.agent
    if run.flow_version_id:
        run.flow_version = version_of(run.flow_version_id)
    return run


def _take(run: Run) -> bool:
    """Whether it was still to be had. The object then says what the row does of state, fence and attempt."""
    seen = [worker(), settings.RUN_LEASE, run.pk, run.fence, run.attempt]
    run.state, run.fence, run.attempt = RunState.RUNNING, run.fence + 1, run.attempt + 1
    row = take(run, CLAIM, seen, verbs.RUN_CLAIMED, fence=run.fence, attempt=run.attempt)
    if row:
        run.started_at, run.instruction_id = datetime.fromisoformat(row[0]), uuid.UUID(row[1]) if row[1] else None
    return row is not None


@lru_cache(256)
def version_of(pk: uuid.UUID) -> FlowVersion:
    """A flow version with its flow; neither is ever edited."""
    return FlowVersion.objects.select_related("flow").get(pk=pk)


def _know(run: Run) -> None:
    """What campaigns want the run to know, kept with it; asked once.

    A defect of theirs is the run's own end: were the claim undone, it would be tried for ever and never counted.
    """
    try:
        with transaction.atomic():
            run.context_text, run.context_sha256 = hooks.context_source(run)
            if run.context_sha256:
                run.save(update_fields=["context_text", "context_sha256"])
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        run.untold = error


def runnable(lifecycle: str) -> bool:
    """Whether an agent in this lifecycle may go on."""
    return lifecycle not in (Lifecycle.PAUSED, Lifecycle.RETIRED)
