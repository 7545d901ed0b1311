"""The engine's journal in PostgreSQL: each write renews the lease, carries the fence, and hears what people want."""

import time
from collections import deque
from dataclasses import replace
from typing import Any, Self

from django.conf import settings

from agents.base.faults import faultpoint
from agents.base.ids import uuid7
from agents.base.postgresql.base import Sent
from agents.base.sql import Row, commits_alone, first, send
from agents.engine import BudgetRefused, LeaseLost, Signal, StepRecord, StepState
from agents.fleet.models import Assignment
from agents.runs import budgets, verbs
from agents.runs.enums import RunSignal
from agents.runs.execution.claim import runnable
from agents.runs.execution.rows import PLAIN, WHOLE, is_plain, to_record
from agents.runs.execution.statements import ANNOUNCE, BOOK, INSERT, WRITE
from agents.runs.execution.stopping import stopping
from agents.runs.models import Run, Step
from audit.actions import record as record_event

AT_ONCE = 2
"""How many steps may be on their way: one is carried out while the next arrives. PostgreSQL carries out so many when
their worker dies; of more it would drop the last."""
TELL_S = 1.0
"""How often at least a run that makes steps tells its row how far it got, and renews its lease."""


class PgJournal:
    """The journal of one claimed run, a context manager. All but `hear` belongs to the driver's thread.

    Light steps are committed while the walk goes on, in order, none without the one before it. They have landed before
    an effect or a model call is announced and before the walk's outcome is: nothing leaves that rests on one that was
    not committed.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.began = time.monotonic()
        self.told_at = self.began
        self.attribution = _attribution(run)
        self.wish: Signal | None = None
        self.records: dict[str, StepRecord] = {}
        self.on_its_way: deque[Sent] = deque()
        if run.fence > 1:
            self._remember()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.land()

    def land(self, left: int = 0) -> None:
        """Wait until no more than `left` steps are on their way.

        Raises LeaseLost when one was not written, Django's errors when it could not be.
        """
        while len(self.on_its_way) > left:
            try:
                self.hear(*_held(self.on_its_way.popleft().row()))
            except Exception:  # neither it nor what was sent after it is written, so they do not count
                vain = len(self.on_its_way) + 1
                self.run.last_seq, self.run.steps_done = self.run.last_seq - vain, self.run.steps_done - vain
                while self.on_its_way:
                    self.on_its_way.popleft().wait()
                raise

    def _remember(self) -> None:
        """What earlier claims made; the last of them may not have told the run's row of every step."""
        steps = list(Step.objects.filter(run=self.run))
        self.records = {step.key: to_record(step) for step in steps}
        self.run.last_seq = max((step.seq for step in steps), default=0)
        self.run.steps_done = sum(record.final for record in self.records.values())

    def recorded(self, key: str) -> StepRecord | None:
        return self.records.get(key)

    def signal(self, announce: bool = False) -> Signal | None:
        """What a person wants, as of the last write or heartbeat; else to yield when it is time, or the worker goes."""
        faultpoint("step.before_call")
        while self.on_its_way and (announce or self.on_its_way[0].is_back()):
            self.land(len(self.on_its_way) - 1)
        if self.wish is None and (stopping() or time.monotonic() - self.began > settings.RUN_YIELD):
            return Signal.YIELD
        return self.wish

    def commit(self, record: StepRecord) -> None:
        faultpoint("step.after_call_before_journal")
        self._write(record)
        faultpoint("step.after_journal")

    def intend(self, record: StepRecord) -> None:
        if record.cost_micros:
            self._reserve(record)
        else:
            self._write(record)
        faultpoint("effect.before_send")

    def settle(self, record: StepRecord) -> None:
        faultpoint("effect.after_send_before_journal")
        if _reserved(self.records[record.key]):
            self._book(record)
        else:
            self._write(record)
        faultpoint("step.after_journal")

    def hear(self, signal: str, lifecycle: str) -> None:
        """What the run's and its agent's rows say now; the heartbeat calls this too."""
        if signal == RunSignal.CANCEL:
            self.wish = Signal.CANCEL
        else:
            self.wish = Signal.PAUSE if signal == RunSignal.PAUSE or not runnable(lifecycle) else None

    def _reserve(self, record: StepRecord) -> None:
        self.land()
        before = self.records.get(record.key)
        if before and _reserved(before):  # by a try that was cut off
            budgets.settle(self.run, record.key, 0)
        beside = self._whole(record)
        try:
            heard = budgets.reserve(
                self.run,
                record.key,
                record.cost_micros,
                currency=record.currency,
                statement=ANNOUNCE,
                beside=beside,
            )
        except BudgetRefused as refusal:
            self._note_refusal(record, refusal)
            raise
        self._told(*heard)
        self._keep(record)
        faultpoint("budget.after_reserve")

    def _book(self, record: StepRecord) -> None:
        faultpoint("budget.before_settle")
        self._send(BOOK, record, spent=record.cost_micros - record.sunk_micros)
        self._keep(record)

    def _write(self, record: StepRecord) -> None:
        if self._is_light(record):
            self._insert(record)
        else:
            self._send(WRITE, record)
        self._keep(record)

    def _is_light(self, record: StepRecord) -> bool:
        """Whether the run's row need not change: it was told lately, and this step neither costs nor comes again."""
        told = time.monotonic() - self.told_at < TELL_S
        return told and record.final and is_plain(record) and record.key not in self.records

    def _insert(self, record: StepRecord) -> None:
        self.land(AT_ONCE - 1)
        run, before = self.run, next(reversed(self.records)) if self.on_its_way else None
        step = {"run": run.pk, "fence": run.fence, "step": uuid7(), "last_seq": run.last_seq + 1, "before": before}
        values = PLAIN.values(self._attributed(record)) | step
        if commits_alone():
            self.on_its_way.append(send(INSERT, values))
        else:
            self.hear(*_held(first(INSERT, values)))

    def _send(self, statement: str, record: StepRecord, **beside: Any) -> None:
        self.land()
        self._told(*_held(first(statement, self._whole(record) | beside | {"fence": self.run.fence})))

    def _told(self, signal: str, lifecycle: str) -> None:
        self.told_at = time.monotonic()
        self.hear(signal, lifecycle)

    def _attributed(self, record: StepRecord) -> StepRecord:
        """What its node does not attribute itself is attributed as its agent's assignment says."""
        center, use_case = self.attribution
        if not (center or use_case):
            return record
        return replace(record, cost_center=record.cost_center or center, use_case=record.use_case or use_case)

    def _whole(self, record: StepRecord) -> dict[str, Any]:
        """The step, and what it means for the run: lease, proof of life, how far it got, its cost."""
        last_seq, done, cost = self._counts(record)
        return WHOLE.values(self._attributed(record)) | {
            "run": self.run.pk,
            "step": uuid7(),
            "lease": settings.RUN_LEASE,
            "alive": record.state is not StepState.INTENDED,
            "last_seq": last_seq,
            "steps_done": done,
            "run_cost": cost,
        }

    def _counts(self, record: StepRecord) -> tuple[int, int, int]:
        """The run's `last_seq`, `steps_done` and `cost_micros` with this record."""
        before, run = self.records.get(record.key), self.run
        done = record.final and not (before and before.final)
        paid = record.state is not StepState.INTENDED and (before is None or before.state is StepState.INTENDED)
        cost = run.cost_micros + (record.cost_micros - record.sunk_micros if paid else 0)
        return run.last_seq + (before is None), run.steps_done + done, cost

    def _keep(self, record: StepRecord) -> None:
        """Once it is written: remembered, and counted."""
        self.run.last_seq, self.run.steps_done, self.run.cost_micros = self._counts(record)
        self.records[record.key] = record

    def _note_refusal(self, record: StepRecord, refusal: BudgetRefused) -> None:
        agent = self.run.agent
        record_event(
            verbs.BUDGET_REFUSED,
            actor=agent.actor,
            team_id=agent.team_id,
            obj=self.run,
            agent_id=agent.pk,
            step=record.key,
            amount_micros=record.cost_micros,
            why=str(refusal),
        )


def _held(row: Row | None) -> Row:
    if row is None:
        raise LeaseLost("This run is in other hands now.")
    return row


def _reserved(before: StepRecord) -> bool:
    return before.state is StepState.INTENDED and before.cost_micros > 0


def _attribution(run: Run) -> tuple[str, str]:
    """Cost centre and use case, of another flow than the agent's own that flow's name; "" where nothing is said."""
    assignment: Assignment | None = getattr(run.agent, "assignment", None)
    if assignment is None:
        return "", ""
    tried = run.flow_version if run.flow_version_id != assignment.flow_version_id else None
    return assignment.cost_center, tried.flow.slug if tried else assignment.use_case
