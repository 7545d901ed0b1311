"""When the minutes do not reach every agent, those are left out with whom a minute averts the least."""

import datetime as dt

import pytest
from django.utils import timezone

from agents.fleet.models import Agent, ReviewTime
from agents.runs.actions import decide_review, raise_exception
from agents.runs.enums import DecisionKind, ExceptionKind, Severity
from console.kpis.minutes import Ceiling, minutes
from console.kpis.today import Today, today
from tests.cast import Cast
from tests.morning.stage import ago, ran, review
from tests.morning.test_queue import fleet_of

DAY = dt.date(2026, 11, 20)


def now_of(cast: Cast, budget: int) -> Today:
    cast.owner.day_minutes = budget
    return today(cast.owner, cast.team, timezone.now())


def gave(cast: Cast, agent: Agent, minutes: int, day: dt.date) -> None:
    ReviewTime.objects.create(user=cast.owner, agent=agent, day=day, seconds=minutes * 60)


def test_what_is_left_out_stands_for_the_least_loss_a_minute(cast: Cast) -> None:
    agents = fleet_of(cast, 3)
    for agent, severity in zip(agents, (Severity.LOW, Severity.HIGH, Severity.MEDIUM), strict=True):
        review(agent, ago(hours=9))
        raise_exception(agent, kind=ExceptionKind.HANDOFF, title="Call back", severity=severity)
    found = now_of(cast, 8).shortfall
    assert found is not None
    assert (found.needed, found.left, found.reached) == (10, 8, 2)
    assert [row.agent for row in found.out] == [agents[0]]
    assert found.loss_micros == found.out[0].expected_loss_micros > 0


def test_measured_minutes_hold_before_guessed_ones(cast: Cast) -> None:
    review(cast.agent, ago(hours=9))
    assert now_of(cast, 1).shortfall is None
    for days in (1, 2):
        gave(cast, cast.agent, 4 * days, timezone.now().date() - dt.timedelta(days=days))
    found = now_of(cast, 5).shortfall
    assert found is not None
    assert (found.needed, found.reached) == (6, 0)


def test_whose_day_is_decided_needs_no_more_minutes(cast: Cast) -> None:
    decide_review(review(cast.agent, ago(hours=9)), actor=cast.owner, kind=DecisionKind.APPROVE)
    found = now_of(cast, 5)
    assert (found.shortfall, found.progress.saved, found.progress.left) == (None, 10, 5)


def test_minutes_saved_are_counted_against_the_team_s_baseline(cast: Cast) -> None:
    Agent.objects.update(baseline_minutes=30)
    for days, given in ((0, 4), (1, 8), (30, 50)):
        gave(cast, cast.agent, given, DAY - dt.timedelta(days=days))
    found = minutes(cast.owner, cast.team, DAY)
    [each] = found.agents
    assert (each.before, each.days, each.now, each.saved, found.before) == (30, 2, 6.0, 24.0, 30)


def test_tomorrow_is_told_from_the_same_weekday(cast: Cast) -> None:
    for weeks, given in ((1, 30), (2, 50)):
        gave(cast, cast.agent, given, DAY + dt.timedelta(days=1 - 7 * weeks))
    gave(cast, cast.agent, 99, DAY)
    load = minutes(cast.owner, cast.team, DAY).load
    assert (load.day, load.minutes, load.items, load.weeks) == (DAY + dt.timedelta(days=1), 40, 0, 2)


def test_what_comes_in_on_a_weekday_is_expected_on_the_next_one(cast: Cast) -> None:
    raise_exception(cast.agent, kind=ExceptionKind.HANDOFF, title="Call back")
    load = minutes(cast.owner, cast.team, timezone.now().date() + dt.timedelta(days=6)).load
    assert (load.items, load.weeks) == (1, 1)


def test_the_ceiling_is_amdahl_s(cast: Cast) -> None:
    """The textbook's case: of 95 % that can go in parallel, never more than 20 times."""
    ceiling = Ceiling(people=5, work=95, agents=8)
    assert ceiling.now == pytest.approx(1 / (0.05 + 0.95 / 8))
    assert ceiling.most == pytest.approx(20)
    assert Ceiling(0, 10, 4).most is None
    assert Ceiling(0, 0, 0).now == 1


def test_the_agents_own_work_is_measured_from_their_runs(cast: Cast) -> None:
    at = timezone.now()
    ran(cast.agent, at, started_at=at - dt.timedelta(minutes=70))
    gave(cast, cast.agent, 10, at.date())
    before, now = minutes(cast.owner, cast.team, at.date()).ceilings
    assert now.work == pytest.approx(10)
    assert [before.share, now.share] == pytest.approx([0.5, 0.5])


def test_strangers_see_no_minutes(cast: Cast) -> None:
    assert minutes(cast.rival, cast.team, DAY).agents == []
