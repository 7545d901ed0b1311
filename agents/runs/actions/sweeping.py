"""Housekeeping every ten seconds: whatever a dead worker, a lost message or a passing hour left behind goes on."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Now

from agents.base.actors import SYSTEM
from agents.base.apart import apart
from agents.base.hooks import notify
from agents.fleet.enums import Lifecycle, Observed, Vendor
from agents.fleet.models import Agent
from agents.runs import budgets, verbs, wording
from agents.runs.actions.climbing import climb
from agents.runs.actions.covering import cover_absences
from agents.runs.actions.exceptions import close, close_all, note_exception, raise_exception
from agents.runs.actions.handing import hand_on
from agents.runs.actions.pressure import balance
from agents.runs.actions.releasing import give_answer, release_due
from agents.runs.actions.thawing import leave_frozen
from agents.runs.actions.what_ifs import sweep_what_ifs
from agents.runs.answers import denied
from agents.runs.enums import DecisionState, ExceptionKind, ExceptionState, ItemState, RunSignal, RunState, Severity
from agents.runs.lanes import HELD
from agents.runs.models import Decision, ReviewItem, Run, RunException
from agents.runs.models.runs import ENDED
from agents.runs.status import look
from agents.runs.transitions import LET_GO, move, recount
from agents.runs.wake import tell, wire

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 3
BATCH = 200
AWAKE = timedelta(minutes=15)
"""What comes back from its sleep has at least so long before it is handed on."""
UNHEARD_S = 30
"""A queued run that nobody took this long after it was published may be published again."""
PUBLISH_BATCH = 1000
DUE = f"""
FROM runs_run r JOIN fleet_agent a ON a.id = r.agent_id
WHERE r.state = 'queued' AND r.signal = '' AND a.lifecycle NOT IN ('paused', 'retired')
  AND (r.run_after IS NULL OR r.run_after <= now()) AND NOT ({HELD})
"""
UNHEARD = (
    "(r.published_at IS NULL OR r.published_at <= now() - make_interval(secs => %s) OR r.run_after > r.published_at)"
)
BACKLOG = f"SELECT r.queue, count(*) {DUE} GROUP BY r.queue HAVING bool_or({UNHEARD})"
# First those whose SLA ends soonest, then those that were never told: what waited for its hour is not in the queue.
# MATERIALIZED: as a plain subquery the planner may run it once per row, and its LIMIT would then hold once per row.
PUBLISH_AGAIN = f"""
WITH missed AS MATERIALIZED (
  SELECT r.id {DUE} AND {UNHEARD} AND r.queue = %s
  ORDER BY r.answer_by, r.run_after > r.published_at DESC NULLS LAST, r.published_at NULLS FIRST, r.id LIMIT %s
  FOR UPDATE OF r SKIP LOCKED
)
UPDATE runs_run r SET published_at = now() FROM missed WHERE r.id = missed.id RETURNING r.id
"""


def sweep() -> None:
    """Every part by itself: one that fails is logged and tried again next time, and the others go on."""
    for part in PARTS:
        try:
            part()
        except Exception:
            log.exception("The sweep could not %s", part.__name__)


def collect_dead_workers() -> None:
    """Runs whose lease ended go back to the queue, into quarantine at the third death, or end if that was asked."""
    dead = Run.objects.filter(state=RunState.RUNNING, lease_until__lt=Now())
    _each(dead.select_related("agent"), _collect)


def _collect(run: Run) -> None:
    recount(run)
    if run.signal == RunSignal.CANCEL:
        move(run, RunState.CANCELLED, verbs.RUN_CANCELLED, actor=SYSTEM, reason=wording.WORKER_DIED, **LET_GO)
        close_all(run, actor=SYSTEM, note=wording.RUN_CANCELLED)
    elif run.attempt >= MAX_ATTEMPTS:
        _quarantine(run)
    else:
        again = LET_GO | {"attempt": run.attempt}
        move(run, RunState.QUEUED, verbs.RUN_EXPIRED, actor=SYSTEM, reason=wording.WORKER_DIED, **again)
    look(run.agent)


def _quarantine(run: Run) -> None:
    reason = wording.DEATHS % {"deaths": run.attempt}
    kept = LET_GO | {"attempt": run.attempt}
    move(run, RunState.QUARANTINED, verbs.RUN_QUARANTINED, actor=SYSTEM, reason=reason, **kept)
    raise_exception(
        run.agent,
        run=run,
        kind=ExceptionKind.QUARANTINE,
        severity=Severity.HIGH,
        title=wording.IN_QUARANTINE % {"run": run},
        detail=reason,
        evidence={"deaths": run.attempt, "steps_done": run.steps_done},
        cause="quarantine",
        actor=SYSTEM,
    )


def publish_again() -> None:
    """Queued runs that are due and not in the broker's queue: the message was lost, or their hour has come.

    Only as many as the queue has too few messages, or a backlog would be published again and again while it waits.
    """
    with connection.cursor() as cursor:
        cursor.execute(BACKLOG, [UNHEARD_S])
        for queue, due in cursor.fetchall():
            known = wire.length(queue)
            if known is not None and known < due:
                cursor.execute(PUBLISH_AGAIN, [UNHEARD_S, queue, min(due - known, PUBLISH_BATCH)])
                tell([str(run_id) for (run_id,) in cursor.fetchall()], queue)


def expire_approvals() -> None:
    """Approvals nobody gave in time are denied, and the runs that waited for them hear it."""
    late = RunException.objects.filter(state=ExceptionState.OPEN, expires_at__lt=Now()).order_by("pk")
    for exception in late.select_related("agent", "run__agent")[:BATCH]:
        with apart("deny an approval", exception.pk):
            _expire(exception)


def _expire(exception: RunException) -> None:
    runs = Run.objects.filter(exceptions=exception).select_related("agent")
    run = runs.select_for_update(no_key=True, of=("self",)).first()
    item = ReviewItem.objects.select_for_update(no_key=True).get(exception=exception)
    if item.state == ItemState.DECIDED:
        return
    answer = denied(exception, wording.NOBODY_DECIDED)
    close(item, exception, ExceptionState.EXPIRED, answer)
    note_exception(verbs.EXCEPTION_EXPIRED, exception, SYSTEM)
    if run is not None:
        give_answer(run, exception, answer, actor=SYSTEM)
    look(exception.agent)


def end_retired() -> None:
    """What waits or is queued of an agent that never runs again ends, and asks nobody any more."""
    idle = Run.objects.filter(state__in=(RunState.QUEUED, RunState.WAITING), agent__lifecycle=Lifecycle.RETIRED)
    _each(idle.select_related("agent"), _end)


def _end(run: Run) -> None:
    move(run, RunState.CANCELLED, verbs.RUN_CANCELLED, actor=SYSTEM, reason=wording.AGENT_RETIRED)
    close_all(run, actor=SYSTEM, note=wording.RUN_CANCELLED)


def look_again() -> None:
    """Of two runs that end at once each sees the other at work, and of two answers the other's question.

    And a worker may have died between a run's end and its look at the agent.
    """
    at_work = Run.objects.filter(agent=OuterRef("pk"), state=RunState.RUNNING)
    asks = RunException.objects.filter(agent=OuterRef("pk"), state=ExceptionState.OPEN)
    seen_running = Q(status__state=Observed.RUNNING) & ~Exists(at_work)
    seen_waiting = Q(status__state=Observed.WAITING_ON_HUMAN) & ~Exists(asks)
    ended = Run.objects.filter(agent=OuterRef("pk"), state__in=ENDED).order_by("-created_at").values("state")[:1]
    seen_failed = Q(status__state=Observed.FAILED, last=RunState.DONE)
    ours = Agent.objects.filter(vendor=Vendor.OURS).alias(last=Subquery(ended))
    for agent in ours.filter(seen_running | seen_waiting | seen_failed).order_by("pk")[:BATCH]:
        with apart("look at an agent", agent.pk):
            look(agent)


def reopen_items() -> None:
    """Claims that ended and items whose sleep is over are everybody's again; a sleeper is not handed on at once."""
    over = Q(state=ItemState.CLAIMED, claimed_until__lt=Now()) | Q(state=ItemState.SNOOZED, snoozed_until__lt=Now())
    slept = When(state=ItemState.SNOOZED, escalate_at__lt=Now() + AWAKE, then=Now() + AWAKE)
    held = Decision.objects.filter(item=OuterRef("pk"), state=DecisionState.HELD)
    state = Case(When(Exists(held), then=Value(ItemState.HELD)), default=Value(ItemState.OPEN))
    back: dict[str, Any] = {"state": state, "claimed_by": None, "claimed_until": None, "snoozed_until": None}
    back["escalate_at"] = Case(slept, default=F("escalate_at"))
    if ReviewItem.objects.filter(over).update(**back):
        notify("queue")


def release_reservations() -> None:
    """Money that dead workers had reserved is free again."""
    budgets.release_leaked(BATCH)


def _each(runs: QuerySet[Run], act: Callable[[Run], None]) -> None:
    """One transaction a run; those that somebody else is changing right now are left for next time."""
    for pk in list(runs.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with apart("settle a run", pk):
            locked = runs.select_for_update(no_key=True, skip_locked=True, of=("self",)).filter(pk=pk).first()
            if locked is not None:
                act(locked)


PARTS = (
    collect_dead_workers,
    balance,
    leave_frozen,
    publish_again,
    expire_approvals,
    release_due,
    reopen_items,
    cover_absences,
    hand_on,
    climb,
    release_reservations,
    sweep_what_ifs,
    end_retired,
    look_again,
)
