"""The demo's month: relative to now, so that it is always the last one."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from agents.base.clock import local_instant

ZONE = ZoneInfo("Europe/Madrid")
DONE = dt.time(8, 45)
"""By then a day's review is over."""
AGO = dt.timedelta(hours=20)
"""The last decided review is at least so old: at any hour of the day there is a night to review."""
FRIDAY = 5


@dataclass(frozen=True)
class Month:
    """The nights that are behind us, oldest first, and the workdays on whose mornings they were reviewed."""

    nights: Sequence[dt.date]

    @property
    def mornings(self) -> list[dt.date]:
        return [day for day in self.nights if is_workday(day)]

    @property
    def start(self) -> dt.datetime:
        """When the company began with Rollcall: the morning before the first night."""
        return at(self.nights[0] - dt.timedelta(days=1), DONE)

    @property
    def cut(self) -> dt.datetime:
        """Up to when everything is decided. What happened since is the night to review."""
        return at(self.nights[-1], DONE)

    def morning_of(self, night: dt.date) -> dt.date:
        """The workday on which somebody looked at it."""
        return next(day for day in self.mornings if day >= night)


def month(now: dt.datetime, nights: int) -> Month:
    """So many nights until the last workday whose review is over since `AGO`."""
    last = (now - AGO).astimezone(ZONE).date()
    while not is_workday(last) or at(last, DONE) > now - AGO:
        last -= dt.timedelta(days=1)
    return Month([last - dt.timedelta(days=back) for back in range(nights - 1, -1, -1)])


def is_workday(day: dt.date) -> bool:
    return day.isoweekday() <= FRIDAY


def at(day: dt.date, time: dt.time) -> dt.datetime:
    return local_instant(day, time, ZONE)
