"""Local times of people and schedules. Instants are aware and in UTC; leases use the database's clock, not this one."""

import datetime as dt
from zoneinfo import ZoneInfo

SECOND = dt.timedelta(seconds=1)
NIGHT = dt.time(22), dt.time(6)


def local_instant(date: dt.date, time: dt.time, zone: ZoneInfo) -> dt.datetime:
    """When a wall clock in `zone` shows this; repeated: its first occurrence, missing: the first instant after."""
    local = dt.datetime.combine(date, time, zone)
    first, second = (local.replace(fold=fold).astimezone(dt.UTC) for fold in (0, 1))
    # In a gap the earlier offset puts the time after the jump and the later offset before it (PEP 495).
    return first if first <= second else _jump(second, first, zone)


def _jump(before: dt.datetime, after: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """The instant, exact to the second, in (before, after] at which the zone's offset changes."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > SECOND:
        middle = before + (after - before) // (2 * SECOND) * SECOND
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


def business_day(now: dt.datetime, zone: ZoneInfo) -> dt.date:
    """The calendar day it is for somebody in `zone`. Weekends are days too: people who work them review on them."""
    return now.astimezone(zone).date()


def night(day: dt.date, zone: ZoneInfo, hours: tuple[dt.time, dt.time] = NIGHT) -> tuple[dt.datetime, dt.datetime]:
    """Start and end of the night that ends on the morning of `day`; `hours` are its local start and end."""
    start, end = hours
    evening = day - dt.timedelta(days=1) if start > end else day
    return local_instant(evening, start, zone), local_instant(day, end, zone)
