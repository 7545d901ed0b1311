"""The small sums of the ranking: fitted weights, held-out probabilities, and how good they are."""

import random
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.runs.suspicion.logistic import ALL_SIGNS, Example, Weights, auc, brier, fit, held_out, sigmoid

TRUE = Weights(-1.0, {"errors": 1.5, "noise": 0.0})


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
    wrong = Weights(0.0, {"errors": 0.0, "noise": 0.0})
    narrow, wide = (fit(world(30), wrong, spread).each["errors"] for spread in (0.1, 2.0))
    assert 0 < narrow < wide


def test_the_more_signs_there_are_the_less_each_moves() -> None:
    assert fit(world(30), TRUE) == fit(world(30), TRUE, ALL_SIGNS / sqrt(2))


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
