"""How a walk ends: done, waiting for a person, stopped for a while or for good, or failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from agents.engine.call import Question
from agents.engine.state import Json


@dataclass(frozen=True, slots=True)
class Done:
    """The walk reached its end; `result` is the last node's output."""

    result: Json


@dataclass(frozen=True, slots=True)
class Waiting:
    """A person is asked. Settle the step `question.key` with the answer, then walk again."""

    question: Question


@dataclass(frozen=True, slots=True)
class Stopped:
    """Not now: a signal (`pause`, `cancel`, `yield`), `retry` after `retry_after` seconds, or a person said stop."""

    reason: str
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The walk cannot go on. `reason` is a code to count by, `error` a sentence, `key` the step it happened at."""

    reason: str
    error: str
    key: str = ""


Outcome: TypeAlias = Done | Waiting | Stopped | Failed


class Interrupted(Exception):
    """Carries Waiting or Stopped up through sub-flows and branches; never leaves `walk`."""

    def __init__(self, outcome: Waiting | Stopped) -> None:
        self.outcome = outcome
        super().__init__(type(outcome).__name__)
