"""The minutes of a day that reach less than is open: what can wait until tomorrow is put off by itself (R-059)."""

import datetime as dt

from agents.base.clock import business_day, local_instant
from agents.fleet.enums import OwnerRole
from agents.people.models import Team, User
from agents.runs.actions.deferring import Scarce, defer
from console.kpis.fleet import fleet_now
from console.kpis.shortfall import shortfall
from console.kpis.today import progress_of

MORNING = dt.time(9)
"""When it comes back, by the person's clock."""


def defer_overflow(team: Team, now: dt.datetime) -> int:
    """For each primary owner whose minutes do not reach every agent; how many items were put off."""
    owners = User.objects.filter(is_active=True, ownerships__role=OwnerRole.PRIMARY, ownerships__agent__team=team)
    return sum(_defer(team, owner, now) for owner in owners.distinct().order_by("pk"))


def _defer(team: Team, owner: User, now: dt.datetime) -> int:
    day = business_day(now, owner.tzinfo)
    fleet = fleet_now(owner, team, day)
    short = shortfall(fleet.rows, progress_of(fleet, owner).left)
    if short is None:
        return 0
    until = local_instant(day + dt.timedelta(days=1), MORNING, owner.tzinfo)
    return defer([row.agent for row in short.out], Scarce(owner, day, short.needed, short.left, until))
