"""What working at once saved a run, measured on its stored steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from agents.runs.models import Step

Span: TypeAlias = tuple[datetime, datetime]
AROUND = ("parallel", "flow", "person")
"""Kinds whose time is that of others."""


@dataclass(frozen=True, slots=True)
class Saving:
    """Milliseconds of work one after another, and of the time in which at least one step worked."""

    apart_ms: int
    together_ms: int

    @property
    def saved_ms(self) -> int:
        return self.apart_ms - self.together_ms

    @property
    def percent(self) -> int:
        """1 − together ÷ apart (requirements §3, parallel latency reduction)."""
        return round(100 * self.saved_ms / self.apart_ms) if self.apart_ms else 0


def saving(steps: Sequence[Step]) -> Saving:
    """Of steps that are not around others: their summed durations against the length of the union of their spans."""
    around = {key for step in steps for key in _above(step.key)}
    timed = [step for step in steps if step.kind not in AROUND and step.key not in around]
    spans = [(step.started_at, step.finished_at) for step in timed if step.started_at and step.finished_at]
    return Saving(sum(_ms(*span) for span in spans), sum(_ms(*span) for span in merged(spans)))


def _above(key: str) -> list[str]:
    parts = key.split("/")
    return ["/".join(parts[:number]) for number in range(2, len(parts))]


def merged(spans: Sequence[Span]) -> list[Span]:
    """The union of the spans, in order, none touching another."""
    union: list[Span] = []
    for start, end in sorted(spans):
        if union and start <= union[-1][1]:
            union[-1] = (union[-1][0], max(end, union[-1][1]))
        else:
            union.append((start, end))
    return union


def _ms(start: datetime, end: datetime) -> int:
    return round((end - start).total_seconds() * 1000)
