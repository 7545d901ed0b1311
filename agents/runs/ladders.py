"""The ladder of an unanswered item: what ships, what a team writes, and which step comes next."""

from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

from agents.runs.enums import HandTo, Severity

MOST_STEPS = 8
MOST_LOOPS = 5
MOST_MINUTES = 7 * 24 * 60


@dataclass(frozen=True)
class Rung:
    """After so many minutes without an answer it is `to`'s turn; `person` is the id of a named person.

    `in_hours`: only in that person's hours. A step for complex cases is passed over unless the run took `least_steps`
    steps and at least so many micro-units are at stake in what is proposed.
    """

    after_minutes: int
    to: HandTo
    person: str = ""
    in_hours: bool = False
    least_steps: int = 0
    least_micros: int = 0

    @property
    def delay(self) -> timedelta:
        return timedelta(minutes=self.after_minutes)

    @property
    def is_for_all(self) -> bool:
        """Whether it is taken however simple the case."""
        return not (self.least_steps or self.least_micros)

    @property
    def as_json(self) -> dict[str, Any]:
        """What its row keeps: whatever is not as usual."""
        usual = asdict(Rung(0, HandTo.PRIMARY))
        told = {name: value for name, value in asdict(self).items() if value != usual[name]}
        return {**told, "after_minutes": self.after_minutes, "to": self.to.value}


@dataclass(frozen=True)
class Ladder:
    """`number` is the version it was written in; 0 is what ships."""

    rungs: tuple[Rung, ...]
    loops: int = 0
    number: int = 0

    def at(self, hop: int) -> Rung | None:
        """The rung after `hop` of them were taken; None when there is none left."""
        return self.rungs[hop % len(self.rungs)] if hop < len(self.rungs) * (1 + self.loops) else None

    def of_case(self, steps: int, micros: int) -> "Ladder":
        """The same without the steps that this case is too simple for."""
        met = (rung for rung in self.rungs if rung.least_steps <= steps and rung.least_micros <= micros)
        return replace(self, rungs=tuple(met))


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
    return Ladder(tuple(Rung(**{**step, "to": HandTo(step["to"])}) for step in steps), loops, number)
