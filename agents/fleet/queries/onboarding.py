"""How many agents a team takes on at once (requirements R-094: 1 to 1.5 a month at most)."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils import timezone

from agents.fleet.models import Agent
from agents.people.models import Team

MONTH = dt.timedelta(days=30)


@dataclass(frozen=True)
class OnboardingLoad:
    """Agents started in the last 30 and 60 days, and what that means for one more start now."""

    month: int
    two_months: int

    @property
    def warns(self) -> bool:
        """The next start is the second within 30 days, or more."""
        return self.month >= 1

    @property
    def blocks(self) -> bool:
        """The next start is the third within 30 days or the fourth within 60."""
        return self.month >= 2 or self.two_months >= 3


def onboarding_load(team: Team) -> OnboardingLoad:
    """The team's load now. Agents that were already running elsewhere never count."""
    now = timezone.now()
    started = Agent.objects.filter(team=team, running_since=None, created_at__gt=now - 2 * MONTH)
    found = started.aggregate(month=Count("pk", filter=Q(created_at__gt=now - MONTH)), two_months=Count("pk"))
    return OnboardingLoad(**found)
