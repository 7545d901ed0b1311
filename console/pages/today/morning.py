"""What a person finds in the morning, and since when they have not looked."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from agents.fleet.enums import Observed
from agents.people.models import Team, User
from agents.runs.queries import Need
from console.kpis.fleet import FleetRow
from console.kpis.today import Today, today

A_LOOK = dt.timedelta(minutes=30)
"""Whoever comes back within this time goes on with the same look."""


@dataclass(frozen=True)
class Morning:
    """Today as one person sees it; `since` is when they looked before."""

    today: Today
    since: dt.datetime | None

    @property
    def greeting(self) -> str:
        """By the person's own clock."""
        hour = timezone.localtime(self.today.now).hour
        return _("Good morning") if 5 <= hour < 12 else _("Good afternoon") if 12 <= hour < 18 else _("Good evening")

    @property
    def is_done(self) -> bool:
        """Whether every day is reviewed and nothing waits in the queue."""
        progress = self.today.progress
        waits = any(card.count for card in self.today.cards if card.slug in Need.values)
        return 0 < progress.total == progress.done and not waits

    @cached_property
    def unheard(self) -> list[FleetRow]:
        """Agents of which nothing came in when something was due."""
        unheard = (Observed.SILENT, Observed.DISCONNECTED)
        return [row for row in self.today.fleet if row.status in unheard and not row.not_yet]


def morning(user: User, team: Team, since: dt.datetime | None) -> Morning:
    """Everything the person may see in this team, as it is now."""
    return Morning(today(user, team, timezone.now(), since), since)


def last_look(session: SessionBase) -> dt.datetime | None:
    """When the person looked before this look; notes that they look now. Written once a look, not with every page."""
    now = timezone.now()
    before, began = (parse_datetime(text) if text else None for text in session.get("look", ("", "")))
    if began and now - began < A_LOOK:
        return before
    session["look"] = [began.isoformat() if began else "", now.isoformat()]
    return began
