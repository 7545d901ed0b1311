"""Weights and calibration in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import exp
from typing import Any

from agents.base.bounds import interval
from agents.runs.signals import EXCEPTION, RUN, Signal
from agents.runs.suspicion.logistic import Weights


@dataclass(frozen=True, slots=True)
class Weighing:
    """One sign at an example: what it multiplies the odds by as shipped, and as it counts for this team now."""

    words: str
    why: str
    shipped: float
    now: float

    @property
    def learnt(self) -> bool:
        """Whether the team's decisions have moved it enough to see."""
        return abs(self.now - self.shipped) >= 0.05


@dataclass(frozen=True, slots=True)
class Bin:
    """Decisions that were thought about equally likely to find something wrong, in percent, and how many did.

    What was found lies between `low` and `high` with 95 % confidence (Clopper and Pearson).
    """

    predicted: float
    found: float
    count: int
    low: float
    high: float

    @property
    def more(self) -> bool:
        """Whether more was found than foretold, and not by chance."""
        return self.predicted < self.low

    @property
    def less(self) -> bool:
        """Whether less was found than foretold, and not by chance."""
        return self.predicted > self.high


def weighings(shipped: Weights, now: Weights) -> list[Weighing]:
    """Every sign, the heaviest first as it counts now."""
    signals: list[Signal[Any]] = [*RUN.values(), *EXCEPTION.values()]
    told = [_weighing(signal, shipped, now) for signal in signals]
    return sorted(told, key=lambda each: -each.now)


def _weighing(signal: Signal[Any], shipped: Weights, now: Weights) -> Weighing:
    units = signal.scale(signal.example)
    before, after = (exp(weights.each.get(signal.name, 0.0) * units) for weights in (shipped, now))
    return Weighing(signal.words(signal.example), str(signal.why), before, after)


def bins(stored: Iterable[Mapping[str, float]]) -> list[Bin]:
    return [_bin(100 * each["predicted"], each["found"], round(each["count"])) for each in stored]


def _bin(predicted: float, found: float, count: int) -> Bin:
    low, high = interval(round(found * count), count)
    return Bin(predicted, 100 * found, count, 100 * low, 100 * high)
