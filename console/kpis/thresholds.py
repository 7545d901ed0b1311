"""Figures that crossed their threshold today: one exception each while it lasts, which ends when the figure is back."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from agents.base.actors import SYSTEM
from agents.base.phrases import phrase
from agents.fleet.actions import keep_points
from agents.fleet.enums import Lifecycle, OwnerRole
from agents.fleet.models import Agent, AgentOwner, KpiPoint, Threshold
from agents.fleet.queries.thresholds import thresholds_of
from agents.fleet.quorum import lock_agents
from agents.people.models import Team, User
from agents.runs.actions import raise_exception, resolve_exception
from agents.runs.enums import ExceptionKind, ExceptionState
from agents.runs.models import RunException
from console.kpis.counted import Columns, counted
from console.kpis.measures import MEASURED, Kpi
from console.kpis.outcomes import MONEY
from console.kpis.scope import Scope

LEAST = 5
"""Cases of which a figure must tell before it is an alarm."""
AGAIN = dt.timedelta(hours=24)
"""What a person closed, or what ended by itself, is not raised again so soon."""
CROSSED = phrase("Beyond its threshold: %(kpi)s", "kpi")
TOLD = phrase("%(value)s today, of %(n)s cases; the threshold is %(limit)s.")
BACK = phrase("The figure is back within its threshold.")
with override("en"):
    NAMED = {key: phrase(str(kpi.name)) for key, kpi in MEASURED.items()}


def watch(team: Team, now: dt.datetime | None = None) -> int:
    """Looks at every agent that has a threshold, by its primary owner's day; how many exceptions it opened."""
    at, agents = now or timezone.now(), Agent.objects.filter(team=team, lifecycle=Lifecycle.LIVE)
    limits = {pk: found for pk, found in thresholds_of(team, agents).items() if found}
    seats = AgentOwner.objects.filter(agent__in=limits, role=OwnerRole.PRIMARY).select_related("user", "agent__team")
    theirs: dict[User, list[Agent]] = defaultdict(list)
    for seat in seats.order_by("agent"):
        theirs[seat.user].append(seat.agent)
    return sum(
        _watch(Scope(owner, team, at.astimezone(owner.tzinfo).date(), 1), theirs[owner], limits, at) for owner in theirs
    )


def _watch(
    scope: Scope, agents: list[Agent], limits: Mapping[uuid.UUID, Mapping[str, Threshold]], at: dt.datetime
) -> int:
    parts, opened = counted(scope).parts, 0
    for agent in agents:
        known = [each for key, each in limits[agent.pk].items() if key in MEASURED]
        opened += sum(_look(agent, each, parts.get(agent.slug, {}), scope.last, at) for each in known)
    return opened


@transaction.atomic
def _look(agent: Agent, threshold: Threshold, columns: Columns, day: dt.date, at: dt.datetime) -> bool:
    """Whether an exception was opened; of too few cases nothing is said."""
    kpi = MEASURED[threshold.key]
    value, n = kpi.value(columns), kpi.sample(columns)
    if value is None or n < LEAST:
        return False
    lock_agents([agent])
    keep_points([KpiPoint(agent=agent, key=kpi.key, day=day, value=Decimal(f"{value:.4f}"), sample_size=n)])
    alarms = RunException.objects.filter(agent=agent, kind=ExceptionKind.THRESHOLD, cause=kpi.key)
    if not kpi.missed(value, float(threshold.limit)):
        for each in alarms.filter(state=ExceptionState.OPEN).select_related("agent"):
            resolve_exception(each, actor=SYSTEM, note=BACK)
        return False
    if alarms.filter(state=ExceptionState.OPEN).exists() or alarms.filter(resolved_at__gt=at - AGAIN).exists():
        return False
    _raise(agent, kpi, threshold, value, n, day)
    return True


def _raise(agent: Agent, kpi: Kpi, threshold: Threshold, value: float, n: int, day: dt.date) -> None:
    unit = agent.currency if kpi.unit == MONEY else kpi.unit
    said = {"value": f"{value:.4g} {unit}".strip(), "n": n, "limit": f"{float(threshold.limit):.4g} {unit}".strip()}
    raise_exception(
        agent,
        kind=ExceptionKind.THRESHOLD,
        title=CROSSED % {"kpi": NAMED[kpi.key]},
        detail=TOLD % said,
        evidence={"kpi": kpi.key, "day": day.isoformat(), "value": value, "cases": n, "limit": float(threshold.limit)},
        cause=kpi.key,
        actor=SYSTEM,
    )
