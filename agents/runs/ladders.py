"""The ladder of an unanswered item: what ships, what a team writes, and which step comes next."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from agents.runs.enums import HandTo, Severity

MOST_STEPS = 8
MOST_LOOPS = 5
MOST_MINUTES = 7 * 24 * 60


@dataclass(frozen=True)
class Rung:
    """After so many minutes without an answer it is `to`'s turn; `person` is the id of a named person."""

    after_minutes: int
    to: HandTo
    person: str = ""

    @property
    def delay(self) -> timedelta:
        return timedelta(minutes=self.after_minutes)


@dataclass(frozen=True)
class Ladder:
    """`number` is the version it was written in; 0 is what ships."""

    rungs: tuple[Rung, ...]
    loops: int = 0
    number: int = 0

    def at(self, hop: int) -> Rung | None:
        """The rung after `hop` of them were taken; None when there is none left."""
        return self.rungs[hop % len(self.rungs)] if hop < len(self.rungs) * (1 + self.loops) else None


def _shipped(*minutes: int) -> Ladder:
    targets = (HandTo.SECOND, HandTo.BACKUP, HandTo.CHIEF)
    return Ladder(tuple(Rung(after, to) for after, to in zip(minutes, targets, strict=True)), loops=1)


SHIPPED = {
    Severity.HIGH: _shipped(15, 30, 30),
    Severity.MEDIUM: _shipped(60, 120, 240),
    Severity.LOW: _shipped(480, 480, 960),
}


def ladder_of(steps: list[dict[str, Any]], loops: int, number: int) -> Ladder:
    """A ladder as its row holds it."""
    rungs = tuple(Rung(step["after_minutes"], HandTo(step["to"]), step.get("person") or "") for step in steps)
    return Ladder(rungs, loops, number)
