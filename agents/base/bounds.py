"""How much may be wrong, when so many were looked at and so many of them were wrong.

Clopper, Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial", Biometrika 26
(1934): exact, never narrower than it says. With nothing found wrong its upper limit is 1 - 0.05^(1/n), the rule of
three.
"""

from collections.abc import Callable
from functools import lru_cache
from math import exp, lgamma, log

CONFIDENCE = 0.95
HALVINGS = 40
"""The limit is exact to 10^-12."""


def at_most(wrong: int, seen: int) -> float:
    """The largest share wrong that is still possible with 95 % confidence, from 0 to 1; 1 when none was seen."""
    return 1.0 if wrong >= seen else _upper(wrong, seen, 1 - CONFIDENCE)


def interval(wrong: int, seen: int) -> tuple[float, float]:
    """The share wrong lies between these two with 95 % confidence; (0, 1) when none was seen."""
    tail = (1 - CONFIDENCE) / 2
    low = 1 - _upper(seen - wrong, seen, tail) if wrong else 0.0
    return low, _upper(wrong, seen, tail) if wrong < seen else 1.0


@lru_cache(maxsize=4096)
def _upper(wrong: int, seen: int, tail: float) -> float:
    """The share at which so few wrong ones, or fewer, would come by chance as rarely as `tail`."""
    return _root(lambda share: _chance(wrong, seen, share) - tail)


def _chance(wrong: int, seen: int, share: float) -> float:
    """The chance of `wrong` or fewer in `seen` (binomial)."""
    odds, rest = log(share), log(1 - share)
    return sum(exp(_ways(seen, k) + k * odds + (seen - k) * rest) for k in range(wrong + 1))


def _ways(seen: int, wrong: int) -> float:
    """The logarithm of the binomial coefficient."""
    return lgamma(seen + 1) - lgamma(wrong + 1) - lgamma(seen - wrong + 1)


def _root(falling: Callable[[float], float]) -> float:
    """Where the function crosses zero between 0 and 1."""
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > 0 else (low, middle)
    return (low + high) / 2
