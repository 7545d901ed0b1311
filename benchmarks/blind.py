"""Weights for the ranking set without the airline runs' outcomes: two sets, each committed before its one look.

Which signs there are, and that disagreement tells, had been seen in the outcomes; no weight here was fitted to them or
changed after a look. Alone and re-fitted, AUC, the first came to 0.69 and 0.77, the second to 0.71 and 0.77. The third
attempt was the second set once more, with nothing changed but how far the learnt half moves it (`logistic.TIMES`,
chosen in `worlds.py`): 0.71 and 0.76, with 0.89 of the first quarter real failures. None reaches 0.70 and 0.78, so none
ships.
"""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import exp, log, sqrt

from agents.runs.signals import RUN, doublings, few, found
from agents.runs.suspicion.logistic import ALL_SIGNS, Units, Weights, most_probable
from benchmarks.blame import Failure
from benchmarks.table import Row

KINDS = {
    1.0: ("differing",),
    0.15: ("length", "cost", "effects", "tools", "request", "reply", "turn", "wishes"),
    0.2: ("errors", "retries", "repeats", "refusals", "unknown", "undone", "redone", "empty", "unsupported", "doubt"),
    0.3: ("displeased", "pushback", "corrections", "declined", "handoff", "silence", "promised"),
    -0.3: ("thanked",),
    0.4: ("unconfirmed", "gave_way", "claimed", "hasty", "stale"),
}
"""The signs by weight: the first attempt.

Five kinds of evidence: disagreement with itself, how much there was to do, trouble on the way, discontent, rules bent.
Every kind counts as much as every other and every sign of a kind as much, all towards wrong but thanks (unit weights
where outcomes are unknown: Dawes 1979): 0.4 in log-odds for a standard deviation of the kind's sum, taken from the
signs of the airline runs without their outcomes.
"""
APART = (
    *("length", "cost", "request", "reply", "turn", "wishes"),
    *("errors", "retries", "refusals", "repeats", "empty", "doubt", "silence"),
    *("displeased", "pushback", "thanked", "corrections", "declined"),
)
"""Signs that are not computed from what a run changed, as disagreement is."""
OTHERWISE = 0.5
"""Who did otherwise than more than half of the runs about the same is taken to be wrong."""
STEPS = {"reply": doublings, "unsupported": few, "corrections": few, "declined": few}
"""The signs that a step of Who&When can raise, by what its raise is counted in. Its logs show no effects, no tools but
a terminal, no usual length and one turn of the customer; other signs are in fewer than five of its runs."""


def by_kind(weights: Weights) -> Weights:
    """The first attempt: KINDS."""
    return replace(weights, each={**weights.each, **{name: each for each, names in KINDS.items() for name in names}})


def by_disagreement(first: Weights, runs: Sequence[Units]) -> Weights:
    """The first attempt moved, as a team's decisions would have moved it then, by who did otherwise than most.

    A view of the runs that a label in need of no people teaches another view (Blum and Mitchell 1998); such a label's
    mistakes leave the order that is learnt right where they do not depend on the signs (Natarajan et al. 2013).
    """
    taught = [
        ({name: units.get(name, 0.0) for name in APART}, units.get("differing", 0.0) > OTHERWISE) for units in runs
    ]
    spread = ALL_SIGNS / sqrt(len(first.each))
    return replace(most_probable(taught, first, spread)[0], base=first.base)


def between(one: Weights, other: Weights) -> Weights:
    """The second attempt: the mean of the first and of what disagreement taught.

    Of the three it tells the steps that people named in Who&When best (`named`), and nothing else chose it. Weights
    fitted to those steps themselves told held-out ones no better than the first attempt does. To two decimals, as they
    would ship.
    """
    return replace(one, each={name: round((each + other.each[name]) / 2, 2) for name, each in one.each.items()})


def named(failures: Sequence[Failure], sets: Mapping[str, Weights]) -> list[Row]:
    """How much likelier than by chance the step that people named in Who&When is under each of `sets`, among its run's.

    The choice of one step of a run is conditional logit (McFadden 1974).
    """
    raised = [(dict(_raised(failure)), failure.step) for failure in failures]
    rows = []
    for what, weights in sets.items():
        times = exp(statistics.mean(_told(weights, steps, step) for steps, step in raised if step in steps))
        rows.append(Row(f"Who&When's step under {what}, times as likely as by chance", f"{times:.2f}"))
    return rows


def _raised(failure: Failure) -> Iterator[tuple[int, Mapping[str, float]]]:
    """Each step of an agent by its place, with the signs that were raised when it was done."""
    before: Mapping[str, float] = {}
    looked_for = {name: RUN[name] for name in STEPS}
    for place, act in enumerate(failure.trace.acts):
        after = found(replace(failure.trace, acts=failure.trace.acts[: place + 1], outputs=()), looked_for)
        if act.by_agent:
            yield place, {name: scale(_rise(name, before, after)) for name, scale in STEPS.items()}
        before = after


def _rise(name: str, before: Mapping[str, float], after: Mapping[str, float]) -> float:
    return max(after.get(name, 0.0) - before.get(name, 0.0), 0.0)


def _told(weights: Weights, steps: Mapping[int, Units], named: int) -> float:
    """The logarithm of how much likelier than by chance."""
    odds = {place: weights.odds(units) for place, units in steps.items()}
    return odds[named] - log(statistics.mean(exp(each) for each in odds.values()))
