"""Logistic regression, its fit and how good it is: small sums, no library.

Weights are fitted by Newton's method on the posterior mode with a normal prior around given weights (ridge towards
them; Hoerl and Kennard 1970, le Cessie and van Houwelingen 1992): few decisions move them little. How wide the prior
is, the decisions themselves say (MacKay 1992).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, pi, sqrt
from statistics import pstdev

Units = Mapping[str, float]
Example = tuple[Units, bool]
"""The units of each sign, and whether something was wrong."""
Vector = list[float]
Rows = Sequence[tuple[Vector, bool]]
ROUNDS = 25
CLOSE = 1e-6
BASE_SPREAD = 3.0
"""Standard deviation of the prior around the base, which is the team's own."""
ALL_SIGNS = pi / sqrt(3)
"""Standard deviation of the prior around what all signs together add: the logistic distribution's, with which every
probability is as likely as every other before any decision. The signs share it alike."""
TIMES = (0.5, 1.0, 2.0)
"""So many times ALL_SIGNS may be right for a team: the shipped weights may be nearly right for it, or hardly.

Chosen in worlds made up over the signs of real runs, without their outcomes (`benchmarks/worlds.py`)."""
LEAST_VARIES = 0.1
"""What hardly ever varies is taken to vary by this, so that one example tells little about it."""


@dataclass(frozen=True)
class Weights:
    """`base` is the log-odds where nothing is found."""

    base: float
    each: Mapping[str, float]

    def odds(self, units: Units) -> float:
        """Log-odds that something is wrong."""
        return self.base + sum(self.each.get(name, 0.0) * value for name, value in units.items())

    def p(self, units: Units) -> float:
        """How likely something is wrong."""
        return sigmoid(self.odds(units))


def sigmoid(odds: float) -> float:
    return 1 / (1 + exp(-max(min(odds, 35.0), -35.0)))


def fit(examples: Sequence[Example], prior: Weights) -> Weights:
    """The weights after these examples; `prior` itself after none.

    The mean of the most probable ones under each of TIMES, each counting as much as it made the examples likely
    (Bayesian model averaging: Hoeting et al. 1999).
    """
    share = ALL_SIGNS / sqrt(max(len(prior.each), 1))
    found = [most_probable(examples, prior, times * share) for times in TIMES]
    best = max(evidence for _weights, evidence in found)
    counts = [exp(evidence - best) for _weights, evidence in found]

    def mean(before: float, after: Sequence[float]) -> float:
        return before + sum(n * (each - before) for n, each in zip(counts, after, strict=True)) / sum(counts)

    return Weights(
        mean(prior.base, [weights.base for weights, _evidence in found]),
        {name: mean(prior.each[name], [weights.each[name] for weights, _evidence in found]) for name in prior.each},
    )


def most_probable(examples: Sequence[Example], prior: Weights, spread: float) -> tuple[Weights, float]:
    """The most probable weights after these examples, and the logarithm of how likely the prior made the examples.

    `spread` is the standard deviation of the prior around each weight, in log-odds for one standard deviation of its
    sign among the examples, so that what a sign is counted in does not matter (Hastie, Tibshirani, Friedman 2009, 3.4).
    """
    names = sorted(prior.each)
    rows = [([1.0, *(units.get(name, 0.0) for name in names)], wrong) for units, wrong in examples]
    centre = [prior.base, *(prior.each[name] for name in names)]
    ridge = [BASE_SPREAD**-2, *(_ridge([x[place] for x, _wrong in rows], spread) for place in range(1, len(centre)))]
    beta = list(centre)
    for _ in range(ROUNDS):
        step = _solved(_triangle(_slopes(rows, beta, centre, ridge)))
        if max(map(abs, step)) < CLOSE:
            break
        beta = _better(rows, beta, step, centre, ridge)
    return Weights(beta[0], dict(zip(names, beta[1:], strict=True))), _evidence(rows, beta, centre, ridge)


def _ridge(column: Vector, spread: float) -> float:
    return max(pstdev(column) if column else 0.0, LEAST_VARIES) ** 2 / spread**2


def _better(rows: Rows, beta: Vector, step: Vector, centre: Vector, ridge: Vector) -> Vector:
    """As much of the step as makes the weights more probable: a whole one may overshoot far from the mode."""
    before = _probable(rows, beta, centre, ridge)
    for halvings in range(ROUNDS):
        tried = [b + s / 2**halvings for b, s in zip(beta, step, strict=True)]
        if _probable(rows, tried, centre, ridge) >= before:
            return tried
    return beta


def _probable(rows: Rows, beta: Vector, centre: Vector, ridge: Vector) -> float:
    """The logarithm of the posterior, but for a constant."""
    told = sum(log(sigmoid((1 if wrong else -1) * _dot(beta, x))) for x, wrong in rows)
    return told - sum(r * (b - c) ** 2 for r, b, c in zip(ridge, beta, centre, strict=True)) / 2


def _evidence(rows: Rows, mode: Vector, centre: Vector, ridge: Vector) -> float:
    """The logarithm of the examples' likelihood over all weights, as if the posterior were normal (Laplace)."""
    pivots = [row[0] for row in _triangle(_slopes(rows, mode, centre, ridge))]
    return _probable(rows, mode, centre, ridge) + sum(log(r / p) for r, p in zip(ridge, pivots, strict=True)) / 2


def _slopes(rows: Rows, beta: Vector, centre: Vector, ridge: Vector) -> list[Vector]:
    """The posterior's curvature, of which each row begins at its diagonal, and its slope as the last column."""
    size = len(beta)
    gradient = [r * (c - b) for r, b, c in zip(ridge, beta, centre, strict=True)]
    curvature = [[ridge[i], *[0.0] * (size - i - 1)] for i in range(size)]
    for x, wrong in rows:
        p = sigmoid(_dot(beta, x))
        there = [(i, v) for i, v in enumerate(x) if v]
        for place, (i, v) in enumerate(there):
            gradient[i] += v * (wrong - p)
            slope, row = v * p * (1 - p), curvature[i]
            for j, w in there[place:]:
                row[j - i] += slope * w
    return [[*row, g] for row, g in zip(curvature, gradient, strict=True)]


def _dot(one: Vector, other: Vector) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def _triangle(rows: list[Vector]) -> list[Vector]:
    """Eliminated; the ridge keeps every pivot above 0. The matrix is symmetric: a row from its diagonal on tells it."""
    for i, pivot in enumerate(rows):
        for k, row in enumerate(rows[i + 1 :], start=1):
            if factor := pivot[k] / pivot[0]:
                row[:] = [a - factor * b for a, b in zip(row, pivot[k:], strict=True)]
    return rows


def _solved(triangle: list[Vector]) -> Vector:
    found: Vector = []
    for first, *known, right in reversed(triangle):
        found.insert(0, (right - _dot(known, found)) / first)
    return found


def held_out(
    examples: Sequence[Example], fold: Callable[[int], int], folds: int, learn: Callable[[Sequence[Example]], Weights]
) -> list[float]:
    """P of each example under weights learnt without its fold."""
    found = [0.0] * len(examples)
    for held in range(folds):
        weights = learn([each for place, each in enumerate(examples) if fold(place) != held])
        for place, (units, _wrong) in enumerate(examples):
            if fold(place) == held:
                found[place] = weights.p(units)
    return found


def auc(scores: Sequence[float], wrong: Sequence[bool]) -> float:
    """How often something wrong scores above something right, ties half (Mann and Whitney 1947); 0.5 without both."""
    bad = [score for score, is_wrong in zip(scores, wrong, strict=True) if is_wrong]
    good = [score for score, is_wrong in zip(scores, wrong, strict=True) if not is_wrong]
    if not bad or not good:
        return 0.5
    return sum((b > g) + (b == g) / 2 for b in bad for g in good) / (len(bad) * len(good))


def brier(scores: Sequence[float], wrong: Sequence[bool]) -> float:
    """The mean squared miss, 0 at best (Brier 1950)."""
    return sum((score - is_wrong) ** 2 for score, is_wrong in zip(scores, wrong, strict=True)) / len(scores)
