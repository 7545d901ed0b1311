"""Thresholds of figures: set with their history, one exception while a figure is beyond, and its end."""

import datetime as dt
from decimal import Decimal

import pytest

from agents.base.errors import NotAllowed
from agents.fleet.actions import end_threshold, set_threshold
from agents.fleet.models import Agent, Flow, KpiPoint, Threshold
from agents.fleet.queries.thresholds import thresholds_of
from agents.runs.actions import resolve_exception
from agents.runs.enums import ExceptionKind, ExceptionState, RunState
from agents.runs.models import Run, RunException
from audit.models import AuditEvent, AuditPayload
from console.kpis.thresholds import watch
from tests.cast import Cast
from tests.pages.conftest import SignIn

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def ran(agent: Agent, cost: int, at: dt.datetime = NOON, times: int = 5) -> None:
    """So many runs that cost so many cents each."""
    Run.objects.bulk_create(
        Run(agent=agent, title="Refund", state=RunState.DONE, created_at=at, state_since=at, cost_micros=cost * 10_000)
        for _ in range(times)
    )


def limit(cast: Cast, cents: int = 10, agent: Agent | None = None) -> Threshold:
    return set_threshold(
        cast.team, key="cost_per_run", limit=Decimal(cents) / 100, agent=agent or cast.agent, actor=cast.owner
    )


def alarms() -> list[RunException]:
    return list(RunException.objects.filter(kind=ExceptionKind.THRESHOLD).order_by("opened_at"))


def test_a_figure_beyond_its_threshold_is_one_exception_with_its_point(cast: Cast) -> None:
    limit(cast)
    ran(cast.agent, cost=25)
    assert [watch(cast.team, NOON) for _ in range(3)] == [1, 0, 0]
    [alarm] = alarms()
    assert alarm.title == "Beyond its threshold: cost of a run"
    assert alarm.detail == "0.25 USD today, of 5 cases; the threshold is 0.1 USD."
    point = KpiPoint.objects.get(agent=cast.agent, key="cost_per_run")
    assert (float(point.value), point.sample_size) == (alarm.evidence["value"], 5)


def test_it_ends_when_the_figure_is_back_and_is_not_raised_again_that_day(cast: Cast) -> None:
    limit(cast)
    ran(cast.agent, cost=25)
    watch(cast.team, NOON)
    ran(cast.agent, cost=1, times=45)
    assert watch(cast.team, NOON) == 0
    [alarm] = alarms()
    assert alarm.state == ExceptionState.RESOLVED
    ran(cast.agent, cost=500)
    assert watch(cast.team, NOON) == 0


def test_what_a_person_closed_comes_again_on_another_day_that_is_beyond(cast: Cast) -> None:
    limit(cast)
    ran(cast.agent, cost=25)
    watch(cast.team, NOON)
    resolve_exception(alarms()[0], actor=cast.owner.actor)
    assert watch(cast.team, NOON) == 0
    later = dt.datetime(2126, 3, 2, 12, tzinfo=dt.UTC)
    ran(cast.agent, cost=25, at=later)
    assert watch(cast.team, later) == 1


def test_too_few_cases_say_nothing(cast: Cast) -> None:
    limit(cast)
    ran(cast.agent, cost=25, times=4)
    assert (watch(cast.team, NOON), KpiPoint.objects.filter(key="cost_per_run").exists()) == (0, False)


def test_the_nearest_threshold_holds_and_the_one_before_stays(cast: Cast) -> None:
    flow = Flow.objects.create(team=cast.team, slug="triage", name="Triage", pattern="chain")
    everybody = set_threshold(cast.team, key="cost_per_run", limit=Decimal(9), actor=cast.chief)
    set_threshold(cast.team, key="cost_per_run", limit=Decimal(5), flow=flow, actor=cast.chief)
    assert thresholds_of(cast.team, [cast.agent])[cast.agent.pk]["cost_per_run"] == everybody
    first, second = limit(cast, 10), limit(cast, 20)
    assert thresholds_of(cast.team, [cast.agent])[cast.agent.pk]["cost_per_run"] == second
    first.refresh_from_db()
    assert first.ended_at == second.set_at
    told = AuditEvent.objects.filter(verb="threshold.set").latest("seq")
    assert Decimal(AuditPayload.objects.get(pk=told.pk).body["before"]) == first.limit


def test_who_may_set_and_end_one(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        set_threshold(cast.team, key="runs", limit=Decimal(1), actor=cast.owner)
    mine = limit(cast)
    with pytest.raises(NotAllowed):
        end_threshold(mine, actor=cast.trainee)
    end_threshold(mine, actor=cast.owner)
    assert thresholds_of(cast.team, [cast.agent])[cast.agent.pk] == {}


def test_the_page_sets_shows_and_ends(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.owner)
    assert "No threshold yet" in client.get("/kpis/thresholds/").content.decode()
    sent = {"key": "latency_p95", "limit": "2.5", "agent": str(cast.agent.pk)}
    page = client.post("/kpis/thresholds/set/", sent, follow=True).content.decode()
    assert "≤ 2.5 s" in page
    both = sent | {"flow": str(Flow.objects.create(team=cast.team, slug="f", name="F", pattern="chain").pk)}
    refused = client.post("/kpis/thresholds/set/", both)
    assert (refused.status_code, "not both" in refused.content.decode()) == (422, True)
    page = client.post(f"/kpis/thresholds/{Threshold.objects.get().pk}/end/", follow=True).content.decode()
    assert 'id="ended"' in page
