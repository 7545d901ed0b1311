"""People who say when they work and what they answer for."""

import datetime as dt
from typing import Any

from django.utils import timezone

from agents.people.actions import set_availability
from agents.people.actions.availability import Available
from agents.people.models import User


def works(user: User, **said: Any) -> None:
    set_availability(user, Available(**said), actor=user)


def off(user: User) -> None:
    """Works for an hour of the day after tomorrow only."""
    day = (timezone.now().astimezone(user.tzinfo) + dt.timedelta(days=2)).isoweekday()
    works(user, days=[day], starts=dt.time(9), ends=dt.time(10))
