"""What a review looks at: everything since the agent was last reviewed, by whichever owner."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from agents.base.clock import business_day, night


@dataclass(frozen=True)
class Window:
    """From the end of the last reviewed window (exclusive) until `until` (inclusive)."""

    since: dt.datetime
    until: dt.datetime

    @property
    def nights(self) -> int:
        """How many days it spans, rounded up: more than one after a weekend or a vacation."""
        return max(1, -(-(self.until - self.since) // dt.timedelta(days=1)))


def day_to_review(now: dt.datetime, zone: ZoneInfo) -> dt.date | None:
    """The business day whose night has ended for somebody in `zone`; None while the night is still going on."""
    day = business_day(now, zone)
    return day if now >= night(day, zone)[1] else None
