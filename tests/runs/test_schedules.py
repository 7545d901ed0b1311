"""Schedules: one run a local night, however many schedulers look, across clock changes and outages."""

import datetime as dt
import threading
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from agents.fleet.actions import add_schedule, remove_schedule
from agents.fleet.enums import Lifecycle
from agents.fleet.models import Agent, Schedule
from agents.runs.actions import fire_schedules
from agents.runs.actions.schedules import last_due
from agents.runs.models import Run, RunException
from tests.cast import Cast, make_cast
from tests.runs.toys import equip

UTC = dt.UTC
LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=UTC)


def nightly(agent: Agent, at: str = "02:30", zone: str = "Europe/Berlin", weekdays: str = "1234567") -> Schedule:
    equip(agent, "chain")
    return Schedule.objects.create(
        agent=agent, local_time=dt.time.fromisoformat(at), zone=zone, weekdays=weekdays, created_at=LONG_AGO
    )


def test_a_due_schedule_starts_one_run(cast: Cast) -> None:
    schedule = nightly(cast.agent)
    now = dt.datetime(2026, 1, 15, 1, 31, tzinfo=UTC)
    first = fire_schedules(now)
    assert [(run.schedule, run.due_at) for run in first] == [(schedule, dt.datetime(2026, 1, 15, 1, 30, tzinfo=UTC))]
    assert fire_schedules(now) == []
    assert Run.objects.count() == 1


def test_it_is_not_due_before_its_time(cast: Cast) -> None:
    schedule = nightly(cast.agent)
    before = dt.datetime(2026, 1, 15, 1, 29, 59, tzinfo=UTC)
    assert last_due(schedule, before) == dt.datetime(2026, 1, 14, 1, 30, tzinfo=UTC)


def test_without_a_zone_it_is_the_owner_s_night(cast: Cast) -> None:
    cast.owner.zone = "America/New_York"
    cast.owner.save()
    schedule = nightly(cast.agent, zone="")
    assert last_due(schedule, dt.datetime(2026, 1, 15, 12, tzinfo=UTC)) == dt.datetime(2026, 1, 15, 7, 30, tzinfo=UTC)


def test_a_night_is_not_worked_twice_because_its_owner_changed(cast: Cast) -> None:
    cast.owner.zone = "Europe/Berlin"
    cast.owner.save()
    nightly(cast.agent, zone="")
    assert len(fire_schedules(dt.datetime(2026, 1, 15, 2, tzinfo=UTC))) == 1
    cast.owner.zone = "America/New_York"
    cast.owner.save()
    assert fire_schedules(dt.datetime(2026, 1, 15, 8, tzinfo=UTC)) == []
    assert len(fire_schedules(dt.datetime(2026, 1, 16, 8, tzinfo=UTC))) == 1


def test_a_new_schedule_does_not_fire_for_the_past(cast: Cast) -> None:
    schedule = nightly(cast.agent)
    schedule.created_at = dt.datetime(2026, 1, 15, 10, tzinfo=UTC)
    assert last_due(schedule, dt.datetime(2026, 1, 15, 12, tzinfo=UTC)) is None


def test_of_the_fires_missed_in_an_outage_the_latest_of_the_last_day_is_made_up(cast: Cast) -> None:
    nightly(cast.agent)
    runs = fire_schedules(dt.datetime(2026, 1, 20, 9, tzinfo=UTC))
    assert [run.due_at for run in runs] == [dt.datetime(2026, 1, 20, 1, 30, tzinfo=UTC)]


def test_a_fire_missed_for_more_than_a_day_is_let_go(cast: Cast) -> None:
    schedule = nightly(cast.agent, weekdays="1")
    tuesday_evening = dt.datetime(2026, 1, 20, 9, tzinfo=UTC)
    assert last_due(schedule, tuesday_evening) is None


def test_only_the_wanted_weekdays_fire(cast: Cast) -> None:
    schedule = nightly(cast.agent, weekdays="67")
    days = {
        due.astimezone(ZoneInfo("Europe/Berlin")).isoweekday()
        for hour in range(0, 14 * 24, 6)
        if (due := last_due(schedule, dt.datetime(2026, 1, 5, tzinfo=UTC) + dt.timedelta(hours=hour)))
    }
    assert days == {6, 7}


@pytest.mark.parametrize("lifecycle", [Lifecycle.PAUSED, Lifecycle.RETIRED])
def test_an_agent_that_rests_is_not_started(cast: Cast, lifecycle: Lifecycle) -> None:
    nightly(cast.agent)
    Agent.objects.filter(pk=cast.agent.pk).update(lifecycle=lifecycle)
    assert fire_schedules(dt.datetime(2026, 1, 15, 2, tzinfo=UTC)) == []


def test_an_agent_with_nothing_to_run_does_not_stop_the_others(cast: Cast) -> None:
    nightly(cast.agent).agent.assignment.delete()
    nightly(cast.rival_agent)
    runs = fire_schedules(dt.datetime(2026, 1, 15, 2, tzinfo=UTC))
    assert [run.agent for run in runs] == [cast.rival_agent]


def test_a_refused_schedule_asks_its_owners_once_and_is_not_tried_again_that_night(cast: Cast) -> None:
    schedule = nightly(cast.agent)
    schedule.agent.assignment.delete()
    night = dt.datetime(2026, 1, 15, 2, tzinfo=UTC)
    fire_schedules(night)
    fire_schedules(night + dt.timedelta(seconds=20))
    asked = RunException.objects.get()
    assert (asked.kind, asked.cause, asked.agent) == ("failure", "schedule", cast.agent)
    equip(cast.agent, "chain")
    assert fire_schedules(night + dt.timedelta(seconds=40)) == []
    assert len(fire_schedules(night + dt.timedelta(days=1))) == 1


def test_a_second_refused_night_is_written_on_the_open_exception(cast: Cast) -> None:
    nightly(cast.agent).agent.assignment.delete()
    night = dt.datetime(2026, 1, 15, 2, tzinfo=UTC)
    for hours in (0, 24, 25):
        fire_schedules(night + dt.timedelta(hours=hours))
    assert RunException.objects.get().evidence["night"] == "2026-01-16T01:30:00+00:00"


def test_a_schedule_that_is_broken_does_not_stop_the_later_ones(cast: Cast) -> None:
    nightly(cast.agent, zone="Mars/Olympus")
    nightly(cast.rival_agent)
    for _ in range(2):
        fire_schedules(dt.datetime(2026, 1, 15, 2, tzinfo=UTC))
    assert [run.agent for run in Run.objects.all()] == [cast.rival_agent]
    assert RunException.objects.get().agent == cast.agent


@pytest.mark.parametrize("schedules", [1, 9])
def test_looking_costs_two_queries_however_many_schedules_there_are(
    cast: Cast, schedules: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for minute in range(schedules):
        nightly(cast.agent, f"02:{minute:02}", zone="")
    night = dt.datetime(2026, 1, 15, 9, tzinfo=UTC)
    assert len(fire_schedules(night)) == schedules
    with django_assert_num_queries(2):
        fire_schedules(night)


def test_a_removed_schedule_leaves_its_runs(cast: Cast) -> None:
    nightly(cast.agent)
    schedule = add_schedule(cast.agent, actor=cast.owner, local_time=dt.time(3))
    Schedule.objects.update(created_at=LONG_AGO)
    fire_schedules(dt.datetime(2026, 1, 15, 9, tzinfo=UTC))
    remove_schedule(schedule, actor=cast.owner)
    assert Run.objects.count() == 2


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago"])
@pytest.mark.parametrize("at", ["01:30", "02:30", "23:30"])
@pytest.mark.parametrize("month", [3, 4, 9, 10, 11])
def test_every_local_date_has_one_fire_also_when_clocks_change(cast: Cast, zone: str, at: str, month: int) -> None:
    schedule = nightly(cast.agent, at, zone)
    start = dt.datetime(2026, month, 1, tzinfo=UTC)
    fires = {last_due(schedule, start + dt.timedelta(minutes=20 * tick)) for tick in range(72 * 29)}
    dates = sorted(due.astimezone(ZoneInfo(zone)).date() for due in fires if due)
    assert len(dates) == len(set(dates))
    assert dates == [dates[0] + dt.timedelta(days=n) for n in range(len(dates))]


@pytest.mark.django_db(transaction=True)
def test_three_schedulers_fire_each_schedule_once() -> None:
    cast = make_cast()
    for minute in range(15):
        nightly(cast.agent, f"02:{minute:02}")
    now = dt.datetime(2026, 1, 15, 2, tzinfo=UTC)
    start = threading.Barrier(3)

    def scheduler() -> None:
        try:
            start.wait()
            fire_schedules(now)
        finally:
            connection.close()

    threads = [threading.Thread(target=scheduler) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Run.objects.count() == 15
    assert Run.objects.values("schedule").distinct().count() == 15
