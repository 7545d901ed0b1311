"""Days nobody looked at: counted in a row, and held against how the agent's runs ended on the day after."""

import datetime as dt

import pytest
from django.utils import timezone

from agents.fleet.models import Agent
from agents.runs.enums import ReviewState, RunState
from agents.runs.models import Flaw
from console.kpis.unreviewed import Correlation, Day, Decline, correlation, declines
from tests.cast import Cast
from tests.morning.stage import ran, review


def noon(ago: int) -> dt.datetime:
    return dt.datetime.combine(timezone.now().date() - dt.timedelta(days=ago), dt.time(12), dt.UTC)


def day(agent: Agent, ago: int, state: ReviewState, *, well: int = 0, badly: int = 0) -> None:
    """A review so many days ago, and what ended on the day after it."""
    review(agent, noon(ago + 1), state=state, until=noon(ago), day=noon(ago).date())
    for _ in range(well):
        ran(agent, noon(ago - 1))
    for _ in range(badly):
        ran(agent, noon(ago - 1), state=RunState.FAILED)


def test_days_without_a_look_are_counted_beside_what_came_after(cast: Cast) -> None:
    day(cast.agent, 4, ReviewState.APPROVED, well=3, badly=1)
    day(cast.agent, 3, ReviewState.SKIPPED, well=1, badly=1)
    day(cast.agent, 2, ReviewState.PENDING, badly=2)
    Flaw.objects.create(agent=cast.agent, run=ran(cast.agent, noon(1)), found_by="person")
    [found] = declines(cast.owner, cast.team, timezone.now().date())
    assert (found.unlooked, found.now, found.after_looked) == (2, 2, 0.75)
    assert found.after_unlooked == pytest.approx(1 / 5)
    assert found.change == pytest.approx(0.2 - 0.75)
    assert declines(cast.rival, cast.rival_team, timezone.now().date()) == []


def test_an_agent_that_somebody_looked_at_every_day_is_not_listed(cast: Cast) -> None:
    day(cast.agent, 2, ReviewState.ESCALATED, well=1)
    assert declines(cast.owner, cast.team, timezone.now().date()) == []


def test_what_declines_while_nobody_looks_correlates_below_zero() -> None:
    falls = Decline("a", "A", [Day(n % 4, 10 - 2 * (n % 4), 10) for n in range(12)])
    found = correlation([falls])
    assert found
    assert (round(found.r, 6), found.n, found.low < found.high < -0.9) == (-1, 12, True)


def test_an_agent_that_is_always_worse_tells_nothing() -> None:
    steady = [Decline("a", "A", [Day(0, 9, 10)] * 8), Decline("b", "B", [Day(3, 1, 10)] * 8)]
    assert correlation(steady) is None


def test_of_few_days_nothing_is_said() -> None:
    assert correlation([Decline("a", "A", [Day(n, 5 - n, 5) for n in range(5)])]) is None
    assert correlation([Decline("a", "A", [Day(n, 0, 0) for n in range(20)])]) is None
    assert correlation([]) is None


def test_the_interval_is_wider_for_fewer_days() -> None:
    def noisy(n: int) -> Correlation | None:
        return correlation([Decline("a", "A", [Day(k % 3, (k * 7 + k % 3) % 10, 10) for k in range(n)])])

    few, many = noisy(15), noisy(60)
    assert few
    assert many
    assert few.high - few.low > many.high - many.low
