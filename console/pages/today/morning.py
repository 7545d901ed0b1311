"""What a person finds in the morning."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.clock import business_day, night
from agents.fleet.enums import Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import agents_for
from agents.fleet.queries import AgentCover, coverage, fleet
from agents.people.models import Team, User
from agents.runs.enums import ExceptionState, RunState
from agents.runs.models import Run, RunException
from console.pages.agents.queries import Figure, state_figures

SHOWN = 10


@dataclass(frozen=True)
class Morning:
    """`waiting` are the open exceptions, worst and oldest first; `short` the agents with fewer than two owners."""

    now: dt.datetime
    waiting: list[RunException]
    waiting_total: int
    short: list[AgentCover]
    states: list[Figure]
    agents: int
    runs: list[Figure]
    night: tuple[dt.datetime, dt.datetime]

    @property
    def greeting(self) -> str:
        """By the person's own clock."""
        hour = timezone.localtime(self.now).hour
        return _("Good morning") if 5 <= hour < 12 else _("Good afternoon") if 12 <= hour < 18 else _("Good evening")

    @property
    def oldest(self) -> dt.datetime:
        """Since when the longest of the shown ones waits."""
        return min(each.opened_at for each in self.waiting)

    @property
    def short_names(self) -> str:
        return ", ".join(cover.agent.name for cover in self.short[:3])


def morning(user: User, team: Team) -> Morning:
    """Everything the person may see in this team, as it is now."""
    seen = agents_for(user, Verb.VIEW).filter(team=team)
    mine = fleet(user).filter(team=team)
    waiting = _waiting(seen)
    hours = night(business_day(timezone.now(), user.tzinfo), user.tzinfo)
    return Morning(
        now=timezone.now(),
        waiting=list(waiting[:SHOWN]),
        waiting_total=waiting.count(),
        short=[cover for cover in coverage(team, agents=seen) if cover.quorum < 2],
        states=state_figures(mine, {}),
        agents=mine.count(),
        runs=_runs(seen, hours[0]),
        night=hours,
    )


def _waiting(agents: QuerySet[Agent]) -> QuerySet[RunException]:
    rows = RunException.objects.filter(agent__in=agents, state=ExceptionState.OPEN).select_related("agent")
    return rows.order_by("-item__rank", "opened_at")


def _runs(agents: QuerySet[Agent], since: dt.datetime) -> list[Figure]:
    """Runs made since the night began, by state."""
    rows = Run.objects.filter(agent__in=agents, created_at__gte=since).order_by()
    found = dict(rows.values_list("state").annotate(n=Count("pk")))
    states = [state for state in RunState if found.get(state)]
    return [Figure(s.label, found[s], reverse("runs", query={"since": "1", "state": s}), False) for s in states]
