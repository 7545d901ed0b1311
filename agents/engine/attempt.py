"""One attempt at a call: what it gave, or how it failed, as the step's record."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from agents.engine.call import Result, Usage
from agents.engine.errors import EngineError, NotNow, OutcomeUnknown, StepFault
from agents.engine.journal import StepRecord, StepState
from agents.engine.outcome import Interrupted
from agents.engine.state import Json, storable

log = logging.getLogger(__name__)
MAX_TRIES = 3
"""How often one step is called, each time after a pause; then its failure is final."""
FIRST_RETRY_S = 15.0
"""The pause before the second try when nobody named one; doubled for the third."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A call about to be made for the step `intent`."""

    intent: StepRecord
    call: Callable[[], Result]
    accept: Callable[[Json], str] = lambda output: ""
    """Judges an output: an empty string, or why it does not count as delivered."""
    idempotent: bool = False

    def next(self, found: StepRecord) -> Attempt:
        """The same attempt, once more after `found`, whose tries and cost the step keeps."""
        sunk = found.sunk_micros if found.state is StepState.INTENDED else found.cost_micros
        intent = replace(self.intent, tries=found.tries + 1, sunk_micros=sunk, started_at=datetime.now(UTC))
        return Attempt(intent, self.call, self.accept, self.idempotent)

    def unclear(self, found: StepRecord) -> bool:
        """Whether the effect may have taken place without our knowing, so that sending it again would be blind."""
        if not found.effect.changes_the_world or found.retry_after is not None:
            return False
        return found.state is StepState.UNKNOWN or not self.idempotent

    def made(self) -> StepRecord:
        """Make the call. The engine's own errors pass through, and a defect unless the world may have changed by it."""
        began = time.perf_counter()
        try:
            return self._confirmed(self.call(), began)
        except StepFault as fault:
            return self._failed(fault, began)
        except OutcomeUnknown as unknown:
            return self._unknown(str(unknown), began)
        except (EngineError, Interrupted):
            raise
        except Exception as defect:
            if not self.intent.effect.changes_the_world:
                raise
            log.exception("The effect %s met a defect", self.intent.key)
            return self._unknown(f"{type(defect).__name__}: {defect}"[:1000], began)

    def _confirmed(self, result: Result, began: float) -> StepRecord:
        output = storable(result.output)
        error = self.accept(output)
        return self._ended(
            began,
            result.usage,
            state=StepState.CONFIRMED,
            output=output,
            error=error,
            fault="exit_criterion" if error else "",
            reason="; ".join(filter(None, (self.intent.reason, result.reason and storable(result.reason)))),
        )

    def _failed(self, fault: StepFault, began: float) -> StepRecord:
        return self._ended(
            began,
            fault.usage,
            state=StepState.FAILED,
            output=storable(fault.partial),
            error=storable(str(fault)) or fault.kind,
            fault=fault.kind,
            tries=self.intent.tries - isinstance(fault, NotNow),
            retry_after=self._pause(fault.retry_after) if fault.retryable else None,
        )

    def _unknown(self, error: str, began: float) -> StepRecord:
        if not self.intent.effect.changes_the_world:
            return self._failed(StepFault("outcome_unknown", error, retryable=True), began)
        pause = self._pause() if self.idempotent else None
        most = Usage(cost_micros=self.intent.cost_micros, currency=self.intent.currency)  # unseen, so booked in full
        told = {"error": storable(error), "fault": "outcome_unknown", "retry_after": pause}
        return self._ended(began, most, state=StepState.UNKNOWN, **told)

    def _pause(self, asked: float | None = None) -> float | None:
        """Seconds until the next try; None when this was the last."""
        if self.intent.tries >= MAX_TRIES:
            return None
        return asked if asked is not None else FIRST_RETRY_S * 2 ** (self.intent.tries - 1)

    def _ended(self, began: float, usage: Usage | None, **changes: Any) -> StepRecord:
        used = usage or Usage()
        return replace(
            self.intent,
            model=used.model,
            prompt_version=used.prompt_version,
            tokens_in=used.tokens_in,
            tokens_out=used.tokens_out,
            cost_micros=self.intent.sunk_micros + used.cost_micros,
            currency=used.currency,
            latency_ms=round((time.perf_counter() - began) * 1000),
            finished_at=datetime.now(UTC),
            **changes,
        )
