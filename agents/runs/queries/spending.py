"""What a run cost beside what was projected, beside one call to a model, and beside the band that is dangerous."""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.base.money import MICRO
from agents.runs.models import Run, RunPlan, Step

BAND = (5 * MICRO, 8 * MICRO)
"""Micro-units of USD a task: where unconstrained agents burn money (R-178)."""
MANY, TOO_MANY = 20, 30
"""Times the tokens of a single call (R-179)."""
COST = "CASE WHEN r.source = '' OR r.cost_micros > 0 THEN r.cost_micros END"
"""What the run `r` cost, in SQL: NULL where `Run.is_cost_told` says that nobody told it."""


@dataclass(frozen=True, slots=True)
class Spending:
    """`percent_off`: how far the cost is from what was projected; None without a projection or before the end."""

    plan: RunPlan | None
    percent_off: int | None
    multiplier: float | None

    @property
    def is_many(self) -> bool:
        return self.multiplier is not None and self.multiplier >= MANY

    @property
    def is_too_many(self) -> bool:
        return self.multiplier is not None and self.multiplier >= TOO_MANY


def spending(run: Run, steps: Sequence[Step]) -> Spending:
    """Of a run with its steps."""
    plan = RunPlan.objects.filter(run=run).first()
    projected = plan.projected_micros if plan and run.is_over else None
    off = round(100 * (run.cost_micros - projected) / projected) if projected else None
    return Spending(plan, off, multiplier(steps))


def multiplier(steps: Sequence[Step]) -> float | None:
    """All tokens ÷ those of the last call to a model, which is what a single call for the same answer takes.

    None where fewer than two calls were paid for: then the run is that single call.
    """
    calls = [step.tokens_in + step.tokens_out for step in steps if step.tokens_in + step.tokens_out]
    return round(sum(calls) / calls[-1], 1) if len(calls) > 1 else None


def in_band(cost_micros: int) -> bool:
    """Whether a task this dear is in the band, or beyond it."""
    return cost_micros >= BAND[0]
