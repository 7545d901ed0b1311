"""The inbox: one query that its count, its filter, its list and the API share; what is the same again is one row."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from agents.fleet.enums import OwnerRole
from agents.fleet.models import AgentOwner
from agents.runs.enums import ExceptionState, RootCause
from agents.runs.models import RunException
from agents.runs.queries.needs import CONDITIONS, Need

ANSWERABLE = (OwnerRole.PRIMARY, OwnerRole.SECOND)
HOUR_S = 3600
SAME = ("agent", "fingerprint", "severity")
"""Open exceptions that agree in these are one row."""


@dataclass(frozen=True)
class Where:
    """What the inbox is narrowed to; an empty word does not narrow. `owner` is the id of a person who answers."""

    state: str = ""
    need: str = ""
    severity: str = ""
    kind: str = ""
    agent: str = ""
    owner: str = ""
    root_cause: str = ""


def narrowed(found: QuerySet[RunException], where: Where) -> QuerySet[RunException]:
    """What fits: whoever is responsible answers for it, by assignment or as the agent's primary or second owner."""
    columns = {"state": where.state, "severity": where.severity, "kind": where.kind, "agent__slug": where.agent}
    columns["root_cause"] = where.root_cause
    found = found.filter(**{column: value for column, value in columns.items() if value})
    if where.need:
        found = found.filter(CONDITIONS[Need(where.need)])
    if where.owner:
        seats = AgentOwner.objects.filter(user__pk=where.owner, role__in=ANSWERABLE)
        found = found.filter(Q(item__assignee__pk=where.owner) | Q(agent__in=seats.values("agent")))
    return found


def folded(found: QuerySet[RunException], need: str = "") -> QuerySet[RunException]:
    """Of what is the same and open, the first. The rest are counted by `folds`."""
    earlier = RunException.objects.filter(
        state=ExceptionState.OPEN, pk__lt=OuterRef("pk"), **{name: OuterRef(name) for name in SAME}
    )
    return found.exclude(Exists(earlier.filter(CONDITIONS[Need(need)]) if need else earlier))


@dataclass(frozen=True)
class Fold:
    """How often the same is open, and when it came last."""

    count: int
    last: dt.datetime


def folds(rows: Iterable[RunException]) -> dict[uuid.UUID, Fold]:
    """What each row stands for, where that is more than itself; one query."""
    by_sameness = {(row.agent_id, row.fingerprint, row.severity): row.pk for row in rows}
    alike = RunException.objects.filter(
        state=ExceptionState.OPEN,
        agent__in={agent for agent, _print, _severity in by_sameness},
        fingerprint__in={each for _agent, each, _severity in by_sameness},
    )
    counted = alike.values_list(*SAME).annotate(n=Count("pk"), last=Max("opened_at")).filter(n__gt=1).order_by()
    return {
        by_sameness[agent, each, severity]: Fold(n, last)
        for agent, each, severity, n, last in counted
        if (agent, each, severity) in by_sameness
    }


@dataclass(frozen=True)
class Again:
    """How often the agent had the same trouble `before` and since when, what else is open, and its last RootCause."""

    before: int
    open: int
    first: dt.datetime | None
    cause: str

    @property
    def cause_says(self) -> str:
        return str(RootCause(self.cause).label) if self.cause else ""


def again(exception: RunException) -> Again:
    """What came before with the same fingerprint; one query."""
    alike = RunException.objects.filter(agent=exception.agent_id, fingerprint=exception.fingerprint)
    told = alike.exclude(pk=exception.pk).aggregate(
        before=Count("pk", filter=Q(pk__lt=exception.pk)),
        open=Count("pk", filter=Q(state=ExceptionState.OPEN)),
        first=Min("opened_at"),
        causes=ArrayAgg("root_cause", filter=~Q(root_cause=""), order_by="-resolved_at"),
    )
    causes = told["causes"] or [""]
    return Again(told["before"], told["open"], told["first"], causes[0])


@dataclass(frozen=True)
class Idle:
    """Agents that wait for a person: what an hour of it costs, and what it has cost so far, in micro-units."""

    currency: str
    agents: int
    micros_per_hour: int
    micros_so_far: int


def idle(found: QuerySet[RunException]) -> list[Idle]:
    """What waiting costs, a line each currency. An agent waits once, from its first question on."""
    price = ("agent__currency", "agent__waiting_cost_micros_per_hour")
    waits = found.order_by().values_list("agent", *price).annotate(since=Min("opened_at"))
    by_currency: dict[str, list[tuple[int, int]]] = {}
    for _pk, currency, micros, since in waits:
        by_currency.setdefault(currency, []).append((micros, waited_micros(micros, since)))
    return [
        Idle(currency, len(each), sum(hourly for hourly, _so_far in each), sum(so_far for _hourly, so_far in each))
        for currency, each in sorted(by_currency.items())
    ]


def waited_micros(micros_per_hour: int, since: dt.datetime, until: dt.datetime | None = None) -> int:
    """What waiting since then has cost, in micro-units."""
    waited = ((until or timezone.now()) - since).total_seconds()
    return round(micros_per_hour * max(waited, 0) / HOUR_S)
