"""Every night leaves its points: what each agent achieved and cost."""

import datetime as dt
from decimal import Decimal

from agents.fleet.enums import Function, Vendor
from agents.fleet.models import Agent, KpiPoint, KpiTarget
from agents.people.models import User
from agents.runs import tasks
from agents.runs.models import DailyReview, Run
from console.kpis.points import measure
from tests.cast import Cast
from tests.morning.stage import ran

MORNING = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
DAY = MORNING.date()


def points(agent: Agent) -> dict[str, Decimal]:
    return dict(KpiPoint.objects.filter(agent=agent, day=DAY).values_list("key", "value"))


def test_a_night_is_measured_from_its_runs(cast: Cast) -> None:
    cast.agent.function, cast.agent.value_per_outcome_micros = Function.SALES, 1_500_000
    cast.agent.save()
    for hours in (1, 2):
        ran(cast.agent, MORNING - dt.timedelta(hours=hours), "meeting", cost_micros=250_000)
    ran(cast.agent, MORNING - dt.timedelta(hours=25), "meeting", cost_micros=250_000)
    assert measure(cast.team, MORNING) == 3
    assert points(cast.agent) == {"meetings": 2, "pipeline": 3, "spend": Decimal("0.5")}
    assert KpiPoint.objects.filter(sample_size=2).count() == 3


def test_measuring_again_brings_up_to_date(cast: Cast) -> None:
    ran(cast.agent, MORNING - dt.timedelta(hours=1), "reply")
    measure(cast.team, MORNING)
    ran(cast.agent, MORNING - dt.timedelta(hours=2), "reply")
    measure(cast.team, MORNING)
    assert points(cast.agent) == {"resolved": 2, "spend": 0}


def test_what_a_vendor_says_of_its_agent_stays(cast: Cast) -> None:
    Agent.objects.update(vendor=Vendor.ARTISAN)
    KpiPoint.objects.create(agent=cast.agent, key="meetings", day=DAY, value=9)
    ran(cast.agent, MORNING - dt.timedelta(hours=1), "meeting")
    measure(cast.team, MORNING)
    assert points(cast.agent) == {"meetings": 9, "spend": 0}


def test_what_nobody_said_the_price_of_leaves_no_spend(cast: Cast) -> None:
    ran(cast.agent, MORNING - dt.timedelta(hours=1), "meeting", source="sync:monaco")
    measure(cast.team, MORNING)
    assert "spend" not in points(cast.agent)


def test_what_was_paid_in_another_currency_than_the_agents_is_no_point_of_its_spend(cast: Cast) -> None:
    Agent.objects.update(currency="BRL")
    ran(cast.agent, MORNING - dt.timedelta(hours=1), "reply", cost_micros=250_000)
    ran(cast.agent, MORNING - dt.timedelta(hours=2), "reply", cost_micros=250_000, currency="BRL")
    measure(cast.team, MORNING)
    assert points(cast.agent) == {"resolved": 2}
    assert KpiPoint.objects.get().sample_size == 2
    KpiTarget.objects.create(agent=cast.agent, key="spend", target=1, unit="USD")
    Run.objects.exclude(currency="USD").delete()
    measure(cast.team, MORNING)
    assert points(cast.agent)["spend"] == Decimal("0.25")


def test_what_was_paid_in_the_agents_currency_is(cast: Cast) -> None:
    Agent.objects.update(currency="BRL")
    ran(cast.agent, MORNING - dt.timedelta(hours=1), "reply", cost_micros=250_000, currency="BRL")
    ran(cast.agent, MORNING - dt.timedelta(hours=2), "reply")
    measure(cast.team, MORNING)
    assert points(cast.agent) == {"resolved": 2, "spend": Decimal("0.25")}


def test_before_the_night_has_ended_the_one_before_is_measured(cast: Cast) -> None:
    User.objects.filter(pk=cast.owner.pk).update(zone="America/Lima")
    ran(cast.agent, dt.datetime(2026, 11, 19, 8, tzinfo=dt.UTC), "reply")
    measure(cast.team, MORNING)
    assert set(KpiPoint.objects.values_list("day", flat=True)) == {dt.date(2026, 11, 19)}


def test_the_clock_opens_the_days_of_every_team(cast: Cast) -> None:
    tasks.open_reviews()
    opened = DailyReview.objects.count()
    tasks.open_reviews()
    assert DailyReview.objects.count() == opened <= 2
