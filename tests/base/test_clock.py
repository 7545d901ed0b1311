"""G12: local times across every kind of clock change."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.base.clock import business_day, local_instant, night

ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "America/Santiago",
    "Asia/Kolkata",
    "UTC",
]
TIMES = [dt.time(1, 30), dt.time(2, 30), dt.time(23, 30)]
# The two changes of 2026 in each zone, as local dates.
CHANGES = {
    "Europe/Berlin": ["2026-03-29", "2026-10-25"],
    "America/New_York": ["2026-03-08", "2026-11-01"],
    "Europe/London": ["2026-03-29", "2026-10-25"],
    "Australia/Lord_Howe": ["2026-04-05", "2026-10-04"],
    "Pacific/Chatham": ["2026-04-05", "2026-09-27"],
    "America/Santiago": ["2026-04-04", "2026-09-06"],
    "Asia/Kolkata": ["2026-03-29", "2026-10-25"],
    "UTC": ["2026-03-29", "2026-10-25"],
}
TABLE = [(zone, date, time) for zone in ZONES for date in CHANGES[zone] for time in TIMES]
PRECISE = [
    # Missing: the first valid instant after.
    ("Europe/Berlin", "2026-03-29", "02:30", "2026-03-29T01:00:00"),
    ("America/New_York", "2026-03-08", "02:30", "2026-03-08T07:00:00"),
    ("Europe/London", "2026-03-29", "01:30", "2026-03-29T01:00:00"),
    ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:30:00"),
    ("Pacific/Chatham", "2026-09-27", "03:00", "2026-09-26T14:00:00"),
    ("America/Santiago", "2026-09-06", "00:30", "2026-09-06T04:00:00"),
    ("Pacific/Apia", "2011-12-30", "12:00", "2011-12-30T10:00:00"),
    # Repeated: the first occurrence.
    ("Europe/Berlin", "2026-10-25", "02:30", "2026-10-25T00:30:00"),
    ("America/New_York", "2026-11-01", "01:30", "2026-11-01T05:30:00"),
    ("Europe/London", "2026-10-25", "01:30", "2026-10-25T00:30:00"),
    ("Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-04T14:45:00"),
    ("America/Santiago", "2026-04-04", "23:30", "2026-04-05T02:30:00"),
    # Neither.
    ("Asia/Kolkata", "2026-03-29", "02:30", "2026-03-28T21:00:00"),
    ("UTC", "2026-03-29", "02:30", "2026-03-29T02:30:00"),
]


@pytest.mark.parametrize(("zone", "date", "time", "instant"), PRECISE)
def test_missing_and_repeated_times_mean_one_instant(zone: str, date: str, time: str, instant: str) -> None:
    found = local_instant(dt.date.fromisoformat(date), dt.time.fromisoformat(time), ZoneInfo(zone))
    assert found == dt.datetime.fromisoformat(instant).replace(tzinfo=dt.UTC)
    assert found.tzinfo is dt.UTC


@pytest.mark.parametrize(("zone", "date", "time"), TABLE)
def test_a_daily_time_fires_exactly_once_a_local_date_around_every_change(zone: str, date: str, time: dt.time) -> None:
    middle, info = dt.date.fromisoformat(date), ZoneInfo(zone)
    days = [middle + dt.timedelta(days=offset) for offset in range(-2, 3)]
    fires = [local_instant(day, time, info) for day in days]
    assert fires == sorted(set(fires))
    assert [fire.astimezone(info).date() for fire in fires] == days
    assert len(TABLE) == 48


@given(
    st.dates(dt.date(1975, 1, 1), dt.date(2037, 12, 31)),
    st.times().map(lambda time: time.replace(microsecond=0)),
    st.sampled_from(ZONES),
)
def test_an_instant_shows_its_local_time_unless_that_time_is_missing(date: dt.date, time: dt.time, zone: str) -> None:
    info = ZoneInfo(zone)
    found = local_instant(date, time, info)
    shown, wanted = found.astimezone(info).replace(tzinfo=None, fold=0), dt.datetime.combine(date, time)
    just_before = (found - dt.timedelta(seconds=1)).astimezone(info).replace(tzinfo=None, fold=0)
    assert shown == wanted or (just_before < wanted < shown)
    again = (found - dt.timedelta(hours=1)).astimezone(info).replace(tzinfo=None, fold=0)
    assert again != wanted


def test_the_business_day_is_the_persons_own_weekends_included() -> None:
    moment = dt.datetime(2026, 11, 21, 23, 30, tzinfo=dt.UTC)  # a Saturday in London, Sunday in Berlin
    assert business_day(moment, ZoneInfo("Europe/London")) == dt.date(2026, 11, 21)
    assert business_day(moment, ZoneInfo("Europe/Berlin")) == dt.date(2026, 11, 22)


def test_a_night_ends_on_its_morning_and_is_shorter_or_longer_when_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    lengths = []
    for morning in ("2026-03-29", "2026-06-01", "2026-10-25"):
        start, end = night(dt.date.fromisoformat(morning), berlin)
        assert start.astimezone(berlin).time() == dt.time(22)
        assert end.astimezone(berlin).time() == dt.time(6)
        lengths.append((end - start) // dt.timedelta(hours=1))
    assert lengths == [7, 8, 9]
    start, end = night(dt.date(2026, 6, 1), berlin, (dt.time(0), dt.time(5)))
    assert (end - start) == dt.timedelta(hours=5)
