"""Several calls inside one node, each journalled by itself, so that none is made or paid twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from agents.engine.attempt import Attempt
from agents.engine.call import Effect, Result
from agents.engine.driver import Driver
from agents.engine.errors import LoopGuard, StepFault
from agents.engine.journal import StepRecord, StepState
from agents.engine.state import Json, digest

MAX_CALLS = 50


class SubCalls:
    """The `Context.call` of one node: numbers its calls in the order they are made and minds the node's cost limit."""

    def __init__(self, driver: Driver, parent: StepRecord) -> None:
        self.driver, self.parent = driver, parent
        self.made = self.spent_micros = 0

    def __call__(
        self,
        what: str,
        call: Callable[[], Result],
        *,
        input: Json,
        effect: Effect = Effect.READ,
        cost_micros: int = 0,
        idempotent: bool = False,
    ) -> Json:
        key = f"{self.parent.key}/{self.made}"
        self._admit(key, cost_micros)
        intent = replace(
            self.parent,
            key=key,
            input=input,
            input_sha256=digest(input),
            effect=effect,
            cost_micros=cost_micros,
            reason=what,
        )
        record = self.driver.perform(Attempt(intent, call, idempotent=idempotent))
        self.spent_micros += record.cost_micros
        if record.state is StepState.FAILED:
            raise StepFault(record.fault, record.error)
        return record.output

    def _admit(self, key: str, cost_micros: int) -> None:
        self.made += 1
        if self.made > MAX_CALLS:
            raise LoopGuard("max_calls", f"“{self.parent.node}” made {MAX_CALLS} calls without an end", key)
        if self.spent_micros + cost_micros > self.parent.cost_micros:
            raise StepFault("cost_limit", f"The next call would exceed the cost limit of “{self.parent.node}”")
