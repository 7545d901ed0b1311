"""The inbox: one query that its count, its filter, its list and the API share; what is the same again is one row."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection
from django.db.models import Count, Min, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from agents.fleet.enums import OwnerRole
from agents.fleet.models import AgentOwner
from agents.runs.enums import ExceptionState, RootCause
from agents.runs.models import RunException
from agents.runs.queries.needs import CONDITIONS, Need
from agents.runs.queries.worst import COUNTED

ANSWERABLE = (OwnerRole.PRIMARY, OwnerRole.SECOND)
HOUR_S = 3600
CLOSED = ~Q(state=RawSQL(f"'{ExceptionState.OPEN}'", ()))
"""In the statement's own words, as the index of the few that are closed has it: PostgreSQL plans prepared statements
without their values, and would read a million open ones to find no other."""
FOLDS = f"""
SELECT w.id, alike.n, alike.last FROM runs_runexception w CROSS JOIN LATERAL (
  SELECT count(*) AS n, max(opened_at) AS last FROM (
    SELECT opened_at FROM runs_runexception e
    WHERE e.state = 'open' AND e.agent_id = w.agent_id AND e.fingerprint = w.fingerprint AND e.severity = w.severity
    ORDER BY e.id DESC LIMIT {COUNTED + 1}) newest) alike
WHERE w.id = ANY(%s) AND alike.n > 1
"""


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
    if where.state and where.state != ExceptionState.OPEN:
        found = found.filter(CLOSED)
    if where.need:
        found = found.filter(CONDITIONS[Need(where.need)])
    if where.owner:
        seats = AgentOwner.objects.filter(user__pk=where.owner, role__in=ANSWERABLE)
        found = found.filter(Q(item__assignee__pk=where.owner) | Q(agent__in=seats.values("agent")))
    return found


@dataclass(frozen=True)
class Fold:
    """How often the same is open, at most COUNTED + 1, and when it came last."""

    count: int
    last: dt.datetime

    @property
    def counted(self) -> str:
        """How often, as far as anybody counts."""
        return str(self.count) if self.count <= COUNTED else f"{COUNTED}+"


def folds(rows: Iterable[RunException]) -> dict[uuid.UUID, Fold]:
    """What each row stands for, where that is more than itself; one query."""
    with connection.cursor() as cursor:
        cursor.execute(FOLDS, [[row.pk for row in rows]])
        return {pk: Fold(count, last) for pk, count, last in cursor.fetchall()}


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


def priced(waits: Iterable[tuple[str, int, dt.datetime]]) -> list[Idle]:
    """What waiting costs, a line each currency, from each agent's currency, its price an hour, and since when."""
    by_currency: dict[str, list[tuple[int, int]]] = {}
    for currency, micros, since in waits:
        by_currency.setdefault(currency, []).append((micros, waited_micros(micros, since)))
    return [
        Idle(currency, len(each), sum(hourly for hourly, _so_far in each), sum(so_far for _hourly, so_far in each))
        for currency, each in sorted(by_currency.items())
    ]


def waited_micros(micros_per_hour: int, since: dt.datetime, until: dt.datetime | None = None) -> int:
    """What waiting since then has cost, in micro-units."""
    waited = ((until or timezone.now()) - since).total_seconds()
    return round(micros_per_hour * max(waited, 0) / HOUR_S)
