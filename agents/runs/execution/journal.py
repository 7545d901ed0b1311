"""The engine's journal in PostgreSQL: each write renews the lease, carries the fence, and hears what people want."""

import time
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from agents.base.faults import faultpoint
from agents.base.ids import uuid7
from agents.engine import BudgetRefused, LeaseLost, Signal, StepRecord, StepState
from agents.runs import budgets, verbs
from agents.runs.enums import RunSignal
from agents.runs.execution.claim import runnable
from agents.runs.execution.rows import CASTS, FIELDS, to_record, values
from agents.runs.execution.stopping import stopping
from agents.runs.models import Run, Step
from audit.actions import record as record_event

# What a node does not attribute itself is attributed as its agent's assignment says.
VALUES = {name: f"coalesce(nullif(%s::text, ''), {name}, '')" for name in ("cost_center", "use_case")}
PLACES = ", ".join(VALUES.get(name, f"%s::{CASTS.get(name, 'text')}") for name in FIELDS)
# One statement, one commit: no row is written unless this worker still holds the run.
WRITE = f"""
WITH held AS (
  UPDATE runs_run r SET lease_until = now() + make_interval(secs => %s), attempt = CASE WHEN %s THEN 0 ELSE attempt END,
    last_seq = last_seq + %s, steps_done = steps_done + %s, cost_micros = cost_micros + %s
  FROM fleet_agent a LEFT JOIN fleet_assignment g ON g.agent_id = a.id
  WHERE r.id = %s AND r.fence = %s AND r.state = 'running' AND a.id = r.agent_id
  RETURNING r.id, r.fence, r.last_seq, r.signal, a.lifecycle, g.cost_center, g.use_case
), written AS (
  INSERT INTO runs_step (id, run_id, fence, seq, {", ".join(FIELDS)})
  SELECT %s::uuid, id, fence, last_seq, {PLACES} FROM held
  ON CONFLICT (run_id, key) DO UPDATE SET fence = excluded.fence,
    {", ".join(f"{name} = excluded.{name}" for name in FIELDS if name != "key")}
)
SELECT signal, lifecycle FROM held
"""


class PgJournal:
    """The journal of one claimed run. All but `hear` belongs to the driver's thread."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.began = time.monotonic()
        self.wish: Signal | None = None
        steps = Step.objects.filter(run=run) if run.last_seq else ()
        self.records = {step.key: to_record(step) for step in steps}

    def recorded(self, key: str) -> StepRecord | None:
        return self.records.get(key)

    def signal(self) -> Signal | None:
        """What a person wants, as of the last write or heartbeat; else to yield when it is time, or the worker goes."""
        faultpoint("step.before_call")
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
        rows = budgets.budgets_of(self.run)  # before, so that they outlive a refusal and somebody can raise a cap
        try:
            with transaction.atomic():
                self._send(record)
                budgets.reserve(self.run, record.key, record.cost_micros, rows, currency=record.currency)
        except BudgetRefused as refusal:
            self._note_refusal(record, refusal)
            raise
        self.records[record.key] = record
        faultpoint("budget.after_reserve")

    def _book(self, record: StepRecord) -> None:
        with transaction.atomic():
            self._send(record)
            faultpoint("budget.before_settle")
            budgets.settle(self.run, record.key, record.cost_micros)
        self.records[record.key] = record

    def _write(self, record: StepRecord) -> None:
        self._send(record)
        self.records[record.key] = record

    def _send(self, record: StepRecord) -> None:
        with connection.cursor() as cursor:
            cursor.execute(WRITE, [*self._run_part(record), uuid7(), *values(record)])
            row = cursor.fetchone()
        if row is None:
            raise LeaseLost("This run is in other hands now.")
        self.hear(*row)

    def _run_part(self, record: StepRecord) -> list[Any]:
        """What the write means for the run: lease, proof of life, one more step, one more done, its cost."""
        before = self.records.get(record.key)
        done = record.final and not (before and before.final)
        paid = record.state is not StepState.INTENDED and (before is None or before.state is StepState.INTENDED)
        return [
            settings.RUN_LEASE,
            record.state is not StepState.INTENDED,
            int(before is None),
            int(done),
            record.cost_micros if paid else 0,
            self.run.pk,
            self.run.fence,
        ]

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


def _reserved(before: StepRecord) -> bool:
    return before.state is StepState.INTENDED and before.cost_micros > 0
