"""Every change of a run: the row, its event in the same transaction, the nudge to open pages."""

import json
from typing import Any

from django.db.models.functions import Now
from django.utils import timezone

from agents.base.actors import Actor
from agents.base.context import about
from agents.base.hooks import notify
from agents.base.sql import Row, first
from agents.engine import Json, LeaseLost
from agents.engine.state import storable
from agents.runs import verbs
from agents.runs.enums import TERMINAL, RunState
from agents.runs.models import Run
from agents.runs.models.runs import RUNNING
from agents.runs.tracing import note_end
from agents.runs.wake import wake
from audit.actions import record
from audit.changes import change, change_unread

LET_GO = {"lease_until": None, "lease_owner": "", "attempt": 0}
# Not EXISTS: beside an OR PostgreSQL answers that from a hash of the whole table.
LEAVE = f"""
UPDATE runs_run r SET state = %s, state_since = now(), reason = %s, lease_until = NULL, lease_owner = '', attempt = 0,
  result = %s::jsonb, last_seq = %s, steps_done = %s, run_after = now() + make_interval(secs => %s),
  finished_at = CASE WHEN %s THEN now() END, signal = CASE WHEN %s THEN '' ELSE signal END
WHERE id = %s AND fence = %s AND {RUNNING}
  AND (%s = 0 OR (SELECT true FROM runs_step s WHERE s.run_id = r.id AND s.seq = %s LIMIT 1)) RETURNING id::text
"""

RECOUNT = """
UPDATE runs_run SET steps_done = (SELECT count(*) FROM runs_step
  WHERE run_id = runs_run.id AND (state = 'confirmed' OR (state = 'failed' AND retry_after IS NULL))),
  attempt = CASE WHEN EXISTS (SELECT FROM runs_step s WHERE s.run_id = runs_run.id AND s.fence = runs_run.fence
    AND s.state <> 'intended') THEN 0 ELSE attempt END
WHERE id = %s RETURNING steps_done, attempt
"""


def recount(run: Run) -> None:
    """How far a run got, from its steps: its worker did not come to say so. The caller has locked its row.

    A claim that ended a step was no vain attempt.
    """
    run.steps_done, run.attempt = first(RECOUNT, [run.pk]) or ()


def note(run: Run, verb: str, *, actor: Actor, **data: Any) -> None:
    """The event of a transition; `run.state` must already be what the row says. `run.agent` is read."""
    with about(run.pk):
        record(verb, actor=actor, **_of(run), **data)
    notify("runs")


def take(run: Run, statement: str, values: list[Any], verb: str, **data: Any) -> Row | None:
    """A worker's own move, with its event, in one statement: what the UPDATE returns, None when it changed nothing.

    `run.state` must already be what the row will say.
    """
    with about(run.pk):
        row = change(statement, values, verb, actor=run.agent.actor, **_of(run), **data)
    if row is not None:
        notify("runs")
    return row


def take_unread(run: Run, statement: str, values: list[Any], verb: str, **data: Any) -> Row | None:
    """`take` of a run of which only the id and the state that the row will say are known."""
    with about(run.pk):
        row = change_unread(statement, values, verb, obj=run, label=run.audit_label, state=run.state, **data)
    if row is not None:
        notify("runs")
    return row


def _of(run: Run) -> dict[str, Any]:
    return {"team_id": run.agent.team_id, "obj": run, "agent_id": run.agent_id, "state": run.state}


def move(run: Run, state: RunState, verb: str, *, actor: Actor, reason: str = "", **columns: Any) -> None:
    """Moves a run whose row the caller has locked. Queued runs are published on commit."""
    columns |= {"state": state, "state_since": timezone.now(), "reason": storable(reason[:300])}
    if state in TERMINAL:
        columns = {"finished_at": timezone.now(), "signal": "", **columns}
    _assign(run, columns)
    run.save(update_fields=list(columns))
    note(run, verb, actor=actor, reason=run.reason)
    note_end(run)
    if state == RunState.QUEUED:
        publish(run)


def leave(
    run: Run, state: RunState, verb: str, *, reason: str = "", result: Json = None, again_in_s: float | None = None
) -> None:
    """A worker's last write: lets the lease go and moves the run it claimed. Raises LeaseLost when fenced out.

    Nothing is done whose last step is not written: that may still be on its way.
    """
    run.state, run.reason, run.result = state, storable(reason[:300]), result
    over, document = state in TERMINAL, None if result is None else json.dumps(result)
    last = run.last_seq if state == RunState.DONE else 0
    values = [
        state.value,
        run.reason,
        document,
        run.last_seq,
        run.steps_done,
        again_in_s,
        over,
        over,
        run.pk,
        run.fence,
        last,
        last,
    ]
    if take(run, LEAVE, values, verb, reason=run.reason, fence=run.fence) is None:
        raise LeaseLost("This run is in other hands now.")
    note_end(run)


def publish(run: Run) -> None:
    """Tells a worker on commit, and the sweeper that it was told."""
    Run.objects.filter(pk=run.pk).update(published_at=Now())
    wake(run.pk, run.queue)


def stale(run: Run) -> None:
    """The event of a worker that found its lease gone; it changed nothing."""
    record(
        verbs.STALE_WRITE,
        actor=run.agent.actor,
        team_id=run.agent.team_id,
        obj=run,
        agent_id=run.agent_id,
        fence=run.fence,
    )


def _assign(run: Run, columns: dict[str, Any]) -> None:
    for name, value in columns.items():
        setattr(run, name, value)
