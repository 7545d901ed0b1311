"""Whom an incident reached: the customers of its runs (R-062)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count

from agents.base.contacts import spread
from agents.channels.naming import named
from agents.fleet.enums import Verb
from agents.fleet.permissions import agents_for
from agents.people.models import User
from agents.runs.models import Incident, Run

NAMES = ("name", "customer", "email", "phone")
"""What a customer is called by, the first that the run was given."""
MOST = 500
"""Runs that are looked at, the newest."""


@dataclass
class Customer:
    """`name` as a run was given it; `told` counts what was put out to them."""

    name: str
    runs: list[Run] = field(default_factory=list)
    told: int = 0


def affected(incident: Incident, user: User) -> list[Customer]:
    """By what was put out to them, most first; only of agents the reader may see, and of runs that name somebody."""
    runs = Run.objects.filter(exceptions__incident=incident, agent__in=agents_for(user, Verb.VIEW))
    counted = runs.select_related("agent").annotate(told=Count("outputs", distinct=True)).order_by("-pk")
    return sorted(_customers(counted[:MOST]), key=lambda each: -each.told)


def _customers(runs: Iterable[Run]) -> Iterable[Customer]:
    """One for each address; without any, one for each name."""
    found: dict[str, Customer] = {}
    for run in runs:
        given = spread(run.input) if isinstance(run.input, dict) else {}
        if name := next((text for each in NAMES if (text := str(given.get(each) or "").strip())), ""):
            person = named(run.agent.team_id, run.input)
            customer = found.setdefault(person.key if person else name, Customer(name))
            customer.runs.append(run)
            customer.told += run.told  # type: ignore[attr-defined]
    return found.values()
