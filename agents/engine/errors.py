"""What can go wrong in a walk, each with one meaning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agents.engine.call import Usage


class EngineError(Exception):
    """Anything the engine itself raises."""


class InvalidGraph(EngineError):
    """A graph that may not run. `problems` lists every fault in plain words."""

    def __init__(self, name: str, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(f"The flow “{name}” cannot run: " + "; ".join(self.problems))


class LeaseLost(EngineError):
    """The journal refused a write: another worker holds the run now. Leave without a further word."""


class BudgetRefused(EngineError):
    """The journal could not reserve the amount of the step that was announced."""


class OutcomeUnknown(EngineError):
    """A call went out and nobody knows whether it took effect (a time-out after sending, a cut connection)."""


class StepFault(EngineError):
    """A step that failed in a way its graph may handle; recorded on the step, never lost.

    Raise it only when it is certain that nothing took effect outside. `retry_after` is in seconds; `partial`
    and `usage` keep what had already arrived and what it cost.
    """

    def __init__(
        self,
        kind: str,
        message: str,
        *,
        retryable: bool = False,
        retry_after: float | None = None,
        partial: Any = None,
        usage: Usage | None = None,
    ) -> None:
        self.kind, self.retryable, self.retry_after = kind, retryable, retry_after
        self.partial, self.usage = partial, usage
        super().__init__(message)


class NotNow(StepFault):
    """What is forbidden for now, not for ever: retryable every `retry_after` seconds, and never counted as a try."""


class ModelFault(StepFault):
    """A model call that brought no usable answer: kinds in `agents.engine.model`."""


class FlowFailed(StepFault):
    """A flow that cannot go on; `key` is the step it happened at. An outer flow may handle it as a step's failure."""

    def __init__(self, kind: str, message: str, key: str) -> None:
        self.key = key
        super().__init__(kind, message)


class LoopGuard(FlowFailed):
    """A walk that goes round in circles; its kind is the guard that stopped it (`max_steps`, `repeated_state`, …)."""
