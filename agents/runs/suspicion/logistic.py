"""Logistic regression, its fit and how good it is: small sums, no library.

Weights are fitted by Newton's method on the posterior mode with a normal prior around given weights (ridge towards
them; Hoerl and Kennard 1970, le Cessie and van Houwelingen 1992): few decisions move them little.
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


def fit(examples: Sequence[Example], prior: Weights, spread: float | None = None) -> Weights:
    """The most probable weights after these examples; `prior` itself after none.

    `spread` is the standard deviation of the prior around each weight, in log-odds for one standard deviation of its
    sign among the examples, so that what a sign is counted in does not matter (Hastie, Tibshirani, Friedman 2009, 3.4):
    a sign's share of ALL_SIGNS unless given.
    """
    names = sorted(prior.each)
    spread = spread or ALL_SIGNS / sqrt(max(len(names), 1))
    rows = [([1.0, *(units.get(name, 0.0) for name in names)], wrong) for units, wrong in examples]
    centre = [prior.base, *(prior.each[name] for name in names)]
    ridge = [BASE_SPREAD**-2, *(_ridge([x[place] for x, _wrong in rows], spread) for place in range(1, len(centre)))]
    beta = list(centre)
    for _ in range(ROUNDS):
        step = _newton(rows, beta, centre, ridge)
        if max(map(abs, step)) < CLOSE:
            break
        beta = _better(rows, beta, step, centre, ridge)
    return Weights(beta[0], dict(zip(names, beta[1:], strict=True)))


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


def _newton(rows: Rows, beta: Vector, centre: Vector, ridge: Vector) -> Vector:
    size = range(len(beta))
    gradient = [ridge[i] * (centre[i] - beta[i]) for i in size]
    hessian = [[ridge[i] if i == j else 0.0 for j in size] for i in size]
    for x, wrong in rows:
        p = sigmoid(_dot(beta, x))
        there = [(i, v) for i, v in enumerate(x) if v]
        for i, v in there:
            gradient[i] += v * (wrong - p)
            slope = v * p * (1 - p)
            for j, w in there:
                hessian[i][j] += slope * w
    return _solved(hessian, gradient)


def _dot(one: Vector, other: Vector) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def _solved(matrix: list[Vector], right: Vector) -> Vector:
    """By elimination; the ridge keeps every pivot above 0."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i, pivot in enumerate(rows):
        for row in rows[i + 1 :]:
            if factor := row[i] / pivot[i]:
                row[i:] = [a - factor * b for a, b in zip(row[i:], pivot[i:], strict=True)]
    found: Vector = []
    for i in reversed(range(len(rows))):
        known = _dot(rows[i][i + 1 : -1], found)
        found.insert(0, (rows[i][-1] - known) / rows[i][i])
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
