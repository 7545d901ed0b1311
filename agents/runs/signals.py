"""Signs that something went wrong, each with its weight: the registry that ranking reads and anybody may add to.

A sign is found in a run (`RUN`, from its `Trace`) or in an exception (`EXCEPTION`, from its `Facts`), as a number a
reader understands: 3 errors, 2.4 times as long. `scale` makes units of it, and a weight is what one unit adds to the
log-odds that something is wrong: 0.7 doubles the odds. Nothing here may see whether a run was really wrong (ground
truth): that is what a ranking is measured against. Where the shipped weights come from: `suspicion/signs.py`; a team's
own decisions correct them (`actions/fitting.py`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import log2
from typing import Generic, TypeVar

from django.utils.functional import Promise

from agents.runs.models import RunException
from agents.runs.suspicion.trace import Trace

Seen = TypeVar("Seen")
Words = Callable[[float], str]
Scale = Callable[[float], float]
BASE = -3.5
"""Log-odds that something is wrong where nothing is found: 3 in 100, the rate at which people reject quiet work."""
MOST_UNITS = 3.0


@dataclass(frozen=True)
class Facts:
    """What is known of an open exception beside its run; `unreviewed` are days since anybody looked at its agent."""

    exception: RunException
    escalated: bool = False
    unreviewed: int = 0


def few(number: float) -> float:
    """Units of a count: the first tells most, and beyond seven more tell nothing."""
    return min(log2(1 + number), MOST_UNITS)


def doublings(number: float) -> float:
    """Units of a count without a natural end."""
    return log2(1 + number)


def beyond(usual: float) -> Scale:
    """Units of a length: doublings beyond what says nothing."""
    return lambda number: min(log2(max(number / usual, 1.0)), MOST_UNITS)


def ratio(times: float) -> float:
    """Units of a ratio to what is usual: doublings, less where it is less; 0 is unknown."""
    return min(max(log2(times), -1.5), MOST_UNITS) if times else 0.0


def same(value: float) -> float:
    """Units of what is counted as it is."""
    return value


def share(part: float) -> float:
    """Units of a share: a half is one."""
    return part * 2


@dataclass(frozen=True)
class Signal(Generic[Seen]):
    """`measure` finds it (0: not there), `words` says a value to a reader, `why` says why it has this weight.

    `example` is a value at which to show what it weighs.
    """

    name: str
    measure: Callable[[Seen], float]
    scale: Scale
    weight: float
    words: Words
    why: str | Promise
    example: float = 1.0


RUN: dict[str, Signal[Trace]] = {}
EXCEPTION: dict[str, Signal[Facts]] = {}


def register(signal: Signal[Seen], into: dict[str, Signal[Seen]]) -> None:
    """Make a sign known. Raises ValueError when its name is taken or could not be stored (space, colon)."""
    if {" ", ":"} & set(signal.name) or signal.name in {*RUN, *EXCEPTION}:
        raise ValueError(f"No signal can be registered as {signal.name!r}.")
    into[signal.name] = signal


def found(seen: Seen, signals: dict[str, Signal[Seen]]) -> dict[str, float]:
    """Every sign that is there, by name, in order of registration."""
    measured = {name: round(float(signal.measure(seen)), 2) for name, signal in signals.items()}
    return {name: value for name, value in measured.items() if value}


def units(values: dict[str, float]) -> dict[str, float]:
    """Values in the units that weights count; what a newer release registered counts nothing."""
    scales = {name: signal.scale for name, signal in RUN.items()} | {n: s.scale for n, s in EXCEPTION.items()}
    return {name: scales[name](value) for name, value in values.items() if name in scales}


def shipped() -> dict[str, float]:
    """The weight of every sign, as reasoning set it."""
    return {name: each.weight for name, each in RUN.items()} | {name: each.weight for name, each in EXCEPTION.items()}


def words(name: str, value: float) -> str:
    """What a sign found, in the reader's language; its name where a newer release registered it."""
    signal = RUN.get(name) or EXCEPTION.get(name)
    return signal.words(value) if signal else name
