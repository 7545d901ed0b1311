"""The small sums of the ranking: fitted weights, held-out probabilities, and how good they are."""

import random
from collections.abc import Sequence
from dataclasses import replace
from math import exp, log, pi, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.runs.suspicion.logistic import (
    ALL_SIGNS,
    BASE_SPREAD,
    TIMES,
    Example,
    Weights,
    auc,
    brier,
    fit,
    held_out,
    most_probable,
    sigmoid,
)

TRUE = Weights(-1.0, {"errors": 1.5, "noise": 0.0})
AGAINST = Weights(-1.0, {"errors": -1.5, "noise": 0.0})
NOTHING = Weights(0.0, {"errors": 0.0, "noise": 0.0})
ERRORS = Weights(0.0, {"errors": 0.0})


def world(count: int, seed: int = 0) -> list[Example]:
    """Runs as TRUE makes them."""
    dice = random.Random(seed)
    units = [{"errors": dice.choice([0.0, 1.0, 2.0]), "noise": dice.random()} for _ in range(count)]
    return [(each, dice.random() < TRUE.p(each)) for each in units]


def test_without_examples_the_prior_stays() -> None:
    assert fit([], TRUE) == TRUE


def test_many_examples_tell_the_weights_whatever_was_thought_before() -> None:
    found = fit(world(3000), Weights(3.0, {"errors": -1.0, "noise": 1.0}))
    assert found.base == pytest.approx(TRUE.base, abs=0.2)
    assert found.each["errors"] == pytest.approx(1.5, abs=0.2)


def test_a_narrow_prior_moves_less() -> None:
    narrow, wide = (most_probable(world(30), NOTHING, spread)[0].each["errors"] for spread in (0.1, 2.0))
    assert 0 < narrow < wide


def test_the_fit_lies_between_that_of_the_narrowest_prior_and_that_of_the_widest() -> None:
    narrow, *_between, wide = (
        most_probable(world(100), NOTHING, times * ALL_SIGNS / sqrt(2))[0].each["errors"] for times in TIMES
    )
    assert narrow < fit(world(100), NOTHING).each["errors"] < wide


def test_the_more_signs_there_are_the_less_each_moves() -> None:
    many = replace(NOTHING, each={**NOTHING.each, **{f"never {number}": 0.0 for number in range(20)}})
    assert 0 < fit(world(100), many).each["errors"] < fit(world(100), NOTHING).each["errors"]


@pytest.mark.parametrize("prior", [NOTHING, TRUE])
def test_examples_are_as_likely_as_a_sum_over_all_weights_says(prior: Weights) -> None:
    examples = [({"errors": x}, x + wrong > 1) for x in (0.0, 1.0, 2.0) for wrong in (0, 1) for _ in range(5)]
    prior = Weights(prior.base, {"errors": prior.each["errors"]})
    found = most_probable(examples, prior, 0.7)[1]
    deviation = 0.7 / sqrt(2 / 3)
    assert found == pytest.approx(log(summed(examples, prior, deviation)), abs=0.1)


def summed(examples: Sequence[Example], prior: Weights, deviation: float) -> float:
    """The likelihood over a grid of weights, each counting as the prior has it."""
    step, total = 0.1, 0.0
    for base in (prior.base + step * place for place in range(-90, 91)):
        for weight in (prior.each["errors"] + step * place for place in range(-40, 41)):
            tried = Weights(base, {"errors": weight})
            told = [tried.p(units) if wrong else 1 - tried.p(units) for units, wrong in examples]
            off = ((base - prior.base) / BASE_SPREAD) ** 2 + ((weight - prior.each["errors"]) / deviation) ** 2
            total += exp(sum(map(log, told)) - off / 2) * step**2 / (2 * pi * BASE_SPREAD * deviation)
    return total


def test_decisions_that_bear_a_wide_prior_out_make_it_likelier() -> None:
    far, near = (
        most_probable(world(300), prior, 1.0)[1] - most_probable(world(300), prior, 0.1)[1] for prior in (AGAINST, TRUE)
    )
    assert near < 0 < far


def test_decisions_as_foretold_move_the_weights_less_than_decisions_against_them() -> None:
    one = ALL_SIGNS / sqrt(2)
    for prior, further in ((TRUE, False), (AGAINST, True)):
        several, single = (
            abs(each["errors"] - prior.each["errors"])
            for each in (fit(world(300), prior).each, most_probable(world(300), prior, one)[0].each)
        )
        assert (several > single) is further


@settings(max_examples=20)
@given(st.integers(10, 40), st.integers(2, 4), st.booleans())
def test_the_more_decisions_agree_the_nearer_to_them(count: int, times: int, wrong: bool) -> None:
    told = [({"errors": 1.0}, wrong), ({"errors": 0.0}, not wrong)] * count
    few, many = (fit(examples, ERRORS).each["errors"] for examples in (told, told * times))
    assert 0 < abs(few) < abs(many)
    assert (many > 0) is wrong


@settings(max_examples=20)
@given(st.integers(5, 50), st.integers(0, 9), st.integers(1, 10))
def test_the_more_decisions_contradict_each_other_the_nearer_to_what_ships(count: int, some: int, more: int) -> None:
    def told(against: int) -> Sequence[Example]:
        """Of twenty decisions, this many against the others."""
        return [({"errors": float(e)}, bool(e) is (n >= against)) for e in (0, 1) for n in range(20)] * count

    clear, noisy = (fit(told(against), ERRORS).each["errors"] for against in (some, min(some + more, 10)))
    assert clear > noisy > -1e-6


@given(st.lists(st.tuples(st.fixed_dictionaries({"errors": st.floats(-9, 9)}), st.booleans()), max_size=30))
def test_the_fit_never_runs_away(examples: list[Example]) -> None:
    found = fit(examples, Weights(-3.5, {"errors": 0.6}))
    assert abs(found.base) < 60
    assert abs(found.each["errors"]) < 60


def test_what_is_held_out_was_not_learnt_from() -> None:
    seen: list[int] = []

    def learn(examples: object) -> Weights:
        seen.append(len(examples))  # type: ignore[arg-type]
        return TRUE

    p = held_out(world(10), lambda place: place % 5, 5, learn)
    assert seen == [8] * 5
    assert p == [TRUE.p(units) for units, _wrong in world(10)]


def test_an_order_is_as_good_as_often_it_puts_wrong_before_right() -> None:
    assert auc([3, 2, 1], [True, True, False]) == 1
    assert auc([1, 1], [True, False]) == 0.5
    assert auc([1, 2, 3, 4], [True, False, True, False]) == 0.25
    assert auc([1], [True]) == 0.5


def test_probabilities_are_as_bad_as_they_miss() -> None:
    assert brier([1.0, 0.0], [True, False]) == 0
    assert brier([0.5, 0.5], [True, False]) == 0.25


def test_odds_far_out_do_not_overflow() -> None:
    assert 0 < sigmoid(-1e6) < sigmoid(0) < sigmoid(1e6) < 1
