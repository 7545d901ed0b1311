"""The journal: the durable side of a walk. agents.runs keeps it in PostgreSQL, MemoryJournal in a dict."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from agents.engine.call import Effect
from agents.engine.graph import Kind
from agents.engine.state import Json, storable


class StepState(StrEnum):
    """intended → sent → confirmed | failed | unknown. Read-only steps are written once, when they have ended."""

    INTENDED = "intended"
    SENT = "sent"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """One step of a run. `key` is unique in the run and deterministic: node path, visit, branch, call number.

    For example `classify/1`, `gather/1/b2` (third branch), `gather/1/b2/0` (its first call), `help/1/classify/1`
    (inside a sub-flow). `error` on a confirmed step says that its exit criterion was not met.
    """

    key: str
    node: str
    kind: Kind
    effect: Effect = Effect.READ
    branch: str = ""
    visit: int = 1
    state: StepState = StepState.INTENDED
    input: Json = None
    input_sha256: str = ""
    output: Json = None
    error: str = ""
    fault: str = ""
    """The kind of a failure, for counting: `rate_limited`, `exit_criterion`, …"""
    retry_after: float | None = None
    """Seconds. Set on a failed step that will be called again; None when the failure is final."""
    tries: int = 0
    reason: str = ""
    """Why this step ran and came out so: the criterion that led here, then the call's own reason."""
    model: str = ""
    prompt_version: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    cost_micros: int = 0
    """Millionths of `currency`: the amount to reserve while intended, the cost once settled (unknown: the amount)."""
    sunk_micros: int = 0
    """What earlier tries of the step had cost; part of `cost_micros` once settled."""
    currency: str = "USD"
    latency_ms: int = 0
    started_at: datetime | None = None
    finished_at: datetime | None = None
    cost_center: str = ""
    use_case: str = ""

    @property
    def final(self) -> bool:
        """Never called again: confirmed, or failed for good."""
        return self.state is StepState.CONFIRMED or (self.state is StepState.FAILED and self.retry_after is None)


class Signal(StrEnum):
    """What the outside wants of a running walk; obeyed at a step boundary, at the latest before the next effect."""

    PAUSE = "pause"
    CANCEL = "cancel"
    YIELD = "yield"


class Journal(Protocol):
    """Writes land in order, and before any effect; once another worker holds the run they raise LeaseLost."""

    def recorded(self, key: str) -> StepRecord | None:
        """The step as last written, or None. Asked before every step: answer from memory."""

    def commit(self, record: StepRecord) -> None:
        """Hand over a step that was never announced, in its last state: one insert, one commit."""

    def intend(self, record: StepRecord) -> None:
        """Announce a step and reserve its `cost_micros`, replacing an earlier try of the same key that is not
        confirmed. Raises BudgetRefused, having written nothing."""

    def settle(self, record: StepRecord) -> None:
        """Write how an announced step ended, release its reservation and book its cost."""

    def signal(self, announce: bool = False) -> Signal | None:
        """What the walk should do instead of going on, if anything. Asked before every call; `announce`: an effect."""


def answered(asked: StepRecord, answer: Json, *, at: datetime) -> StepRecord:
    """`asked`, the intended step of a question, as settled by a person's answer. `at`: when it was given."""
    return replace(asked, state=StepState.CONFIRMED, output=storable(answer), finished_at=at)


class MemoryJournal:
    """A journal for tests and dry runs. Outputs go through JSON text, as they would through PostgreSQL."""

    def __init__(self) -> None:
        self.rows: dict[str, StepRecord] = {}
        self.writes: list[tuple[str, str, StepState]] = []
        """Every write in order: the method, the key, the state."""
        self.wanted: Signal | None = None

    def recorded(self, key: str) -> StepRecord | None:
        return self.rows.get(key)

    def commit(self, record: StepRecord) -> None:
        self._write("commit", record)

    def intend(self, record: StepRecord) -> None:
        self._write("intend", record)

    def settle(self, record: StepRecord) -> None:
        self._write("settle", record)

    def signal(self, announce: bool = False) -> Signal | None:
        return self.wanted

    def answer(self, key: str, answer: Json, *, at: datetime) -> None:
        """What a person says to the question recorded under `key`."""
        self.settle(answered(self.rows[key], answer, at=at))

    def _write(self, how: str, record: StepRecord) -> None:
        plain = replace(
            record, input=json.loads(json.dumps(record.input)), output=json.loads(json.dumps(record.output))
        )
        self.rows[record.key] = plain
        self.writes.append((how, record.key, record.state))
