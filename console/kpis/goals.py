"""How far each goal is, against where it should be by now."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import OuterRef, QuerySet, Subquery, Sum

from agents.fleet.models import Agent, Goal, KpiPoint


@dataclass(frozen=True)
class Progress:
    """`actual` of the goal's KPI so far; `expected` by the end of the day looked at, in equal steps a day."""

    goal: Goal
    actual: Decimal
    expected: Decimal

    @property
    def gap(self) -> float:
        """(expected − actual) ÷ expected (requirements §3): 0.56 is 56 % behind, below 0 ahead; 0 before it began."""
        return float((self.expected - self.actual) / self.expected) if self.expected else 0.0

    @property
    def ahead(self) -> float:
        return -self.gap

    @property
    def reached(self) -> bool:
        return self.actual >= self.goal.target


def goals(agents: QuerySet[Agent], day: dt.date) -> list[Progress]:
    """Of the open goals of these agents, the furthest behind first; one query."""
    points = KpiPoint.objects.filter(agent=OuterRef("agent"), key=OuterRef("key"), day__lte=day)
    points = points.filter(day__gte=OuterRef("first"), day__lte=OuterRef("due")).order_by()
    actual = points.values("agent").annotate(sum=Sum("value")).values("sum")
    rows = Goal.objects.filter(agent__in=agents, closed_at=None).select_related("agent")
    return _worst_first(_progress(goal, day) for goal in rows.annotate(actual=Subquery(actual)).order_by("due", "pk"))


def _worst_first(found: Iterable[Progress]) -> list[Progress]:
    return sorted(found, key=lambda each: -each.gap)


def _progress(goal: Goal, day: dt.date) -> Progress:
    whole = (goal.due - goal.first).days + 1
    gone = min(max((day - goal.first).days + 1, 0), whole)
    return Progress(goal, getattr(goal, "actual", None) or Decimal(), goal.target * gone / whole)
