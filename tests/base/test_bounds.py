"""Bounds on what may be wrong, against published values and by their own definition."""

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.base.bounds import at_most, interval


def test_nothing_wrong_of_140_leaves_2_1_percent() -> None:
    assert at_most(0, 140) == pytest.approx(1 - 0.05 ** (1 / 140))
    assert round(at_most(0, 140) * 100, 1) == 2.1


def test_the_interval_is_the_published_one() -> None:
    """Binomial 10 of 100, as tabulated by NIST/SEMATECH and R's binom.test: 0.0490 to 0.1762."""
    assert interval(10, 100) == pytest.approx((0.04900469, 0.17622260), abs=1e-7)


def test_nothing_seen_says_nothing() -> None:
    assert (at_most(0, 0), interval(0, 0)) == (1.0, (0.0, 1.0))


@given(st.integers(1, 60).flatmap(lambda seen: st.tuples(st.integers(0, seen), st.just(seen))))
def test_at_the_limit_so_few_wrong_come_in_one_of_twenty(counted: tuple[int, int]) -> None:
    wrong, seen = counted
    share = at_most(wrong, seen)
    low, high = interval(wrong, seen)
    assert 0 <= low <= wrong / seen <= share <= high <= 1
    if wrong < seen:
        chance = sum(comb(seen, k) * share**k * (1 - share) ** (seen - k) for k in range(wrong + 1))
        assert chance == pytest.approx(0.05, abs=1e-6)
