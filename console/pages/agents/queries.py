"""What the agents pages show beside the fleet: the last run, what waits, what one person may do."""

from dataclasses import dataclass

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import Promise

from agents.fleet.enums import Observed
from agents.fleet.models import Agent
from agents.fleet.queries import PRECEDENCE, counts
from agents.runs.enums import ExceptionState
from agents.runs.models import Run, RunException


@dataclass(frozen=True)
class Figure:
    """A number that is also a filter; `more` where there are more than that."""

    label: str | Promise
    count: int
    url: str
    on: bool
    hot: bool = False
    more: bool = False


HOT = (Observed.FAILED, Observed.DISCONNECTED, Observed.WAITING_ON_HUMAN)


def with_activity(agents: QuerySet[Agent]) -> QuerySet[Agent]:
    """Each agent with `last_run`, `last_run_state`, `last_run_at`, and `waiting` (open exceptions): one query."""
    last = Run.objects.filter(agent=OuterRef("pk")).order_by("-created_at")
    open_ones = RunException.objects.filter(agent=OuterRef("pk"), state=ExceptionState.OPEN).order_by()
    waiting = open_ones.values("agent").annotate(n=Count("*")).values("n")
    return agents.annotate(
        last_run=Subquery(last.values("pk")[:1]),
        last_run_state=Subquery(last.values("state")[:1]),
        last_run_at=Subquery(last.values("created_at")[:1]),
        waiting=Coalesce(Subquery(waiting, output_field=IntegerField()), 0),
    )


def state_figures(agents: QuerySet[Agent], chosen: dict[str, str]) -> list[Figure]:
    """How many of these agents are in each observed state, worst first; states that nobody is in are left out."""
    found = counts(agents, "status__state")
    on = chosen.get("state", "")
    states = [state for state in PRECEDENCE if found.get(state) or state == on]
    return [
        Figure(state.label, found.get(state, 0), link(chosen, state=state), state == on, hot=state in HOT)
        for state in states
    ]


def link(chosen: dict[str, str], **change: str) -> str:
    """The list with one filter changed; the same value again takes it away."""
    toggled = {name: "" if chosen.get(name) == value else value for name, value in change.items()}
    return listing({**chosen, **toggled})


def listing(chosen: dict[str, str]) -> str:
    """The list's address with these filters."""
    return reverse("agents", query={name: value for name, value in chosen.items() if value})
