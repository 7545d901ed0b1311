"""When somebody works: wall-clock hours on days of the week, in their own time zone."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from agents.base.clock import local_instant

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Hours:
    """`days` are ISO weekdays (1 is Monday); an end at or before the start is the next morning's."""

    days: Collection[int]
    starts: dt.time
    ends: dt.time
    zone: ZoneInfo

    def next_start(self, now: dt.datetime) -> dt.datetime:
        """When work begins next; `now` while it goes on. Without any day it never does: a week from now."""
        today = now.astimezone(self.zone).date()
        for ahead in range(-1, 8):
            start, end = self._shift(today + ahead * DAY)
            if (today + ahead * DAY).isoweekday() in self.days and end > now:
                return max(start, now)
        return now + 7 * DAY

    def at(self, now: dt.datetime) -> bool:
        """Whether it is working time."""
        return self.next_start(now) <= now

    def _shift(self, day: dt.date) -> tuple[dt.datetime, dt.datetime]:
        until = day if self.ends > self.starts else day + DAY
        return local_instant(day, self.starts, self.zone), local_instant(until, self.ends, self.zone)
