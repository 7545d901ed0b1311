"""The KPI board: figures of a scope with target, trend and breaches, by day and by part."""

import datetime as dt
from dataclasses import dataclass

from agents.base.phrases import spoken
from agents.fleet.enums import Function
from agents.fleet.models import Agent, Flow
from console.kpis.counted import Columns, Counted, counted
from console.kpis.functions import compared, place
from console.kpis.measures import HIGHER, KPIS, MEASURED, Kpi, reported
from console.kpis.scope import By, Scope
from console.kpis.targets import Target, targets, targets_of_agents


@dataclass(frozen=True)
class Value:
    """A figure of some rows: `value` None when they tell nothing; `between` holds it with 95 % confidence.

    `currency` is that of money; where `mixed`, costs in several meet, which are neither added up nor compared.
    """

    kpi: Kpi
    value: float | None
    sample: int
    between: tuple[float, float] | None
    limit: float | None
    currency: str
    mixed: bool

    @property
    def missed(self) -> bool:
        return self.kpi.missed(self.value, self.limit)


@dataclass(frozen=True)
class Figure(Value):
    """A figure of the whole period; `earlier` of as many days before it, `days` of each day that tells it."""

    target: Target | None
    earlier: float | None
    days: dict[dt.date, Value]

    @property
    def change(self) -> float | None:
        """Against the time before, as a share of it."""
        if self.value is None or not self.earlier:
            return None
        return self.value / self.earlier - 1

    @property
    def better(self) -> bool | None:
        """Whether it changed for the better; None when it did not change, or nobody said what is better."""
        if not (self.change and self.kpi.better):
            return None
        return (self.change > 0) == (self.kpi.better == HIGHER)

    @property
    def breaches(self) -> int:
        return sum(day.missed for day in self.days.values())


@dataclass(frozen=True)
class Part:
    """One agent, flow, version, use case or function, with what is compared."""

    key: str
    name: str
    values: dict[str, Value]


@dataclass(frozen=True)
class Board:
    scope: Scope
    figures: dict[str, Figure]
    parts: list[Part]

    @property
    def untold(self) -> list[Kpi]:
        """What is compared and no row of the period tells."""
        return [MEASURED[key] for key in compared(self.scope.function) if not self._tells(key)]

    def _tells(self, key: str) -> bool:
        figure = self.figures.get(key)
        return figure is not None and (figure.value is not None or figure.mixed)


def board(scope: Scope) -> Board:
    """Eight queries at most, whatever the fleet."""
    found = counted(scope)
    aims, named = targets(scope)
    others = sorted((found.reported | named.keys()) - MEASURED.keys())
    kpis = [*KPIS, *(named.get(key) or reported(key) for key in others)]
    kpis.sort(key=lambda kpi: place(scope.function, kpi.key))
    figures = {kpi.key: _figure(scope, kpi, found, aims.get(kpi.key)) for kpi in kpis}
    told = {key: figure for key, figure in figures.items() if figure.value is not None or figure.mixed or key in aims}
    return Board(scope, told, _parts(scope, found))


def _figure(scope: Scope, kpi: Kpi, found: Counted, target: Target | None) -> Figure:
    paid_in = set(kpi.currencies(found.whole))
    aim = target if target and paid_in <= {target.currency} else None
    days = {day: _value(scope, kpi, columns, aim) for day, columns in sorted(found.days.items())}
    whole = _value(scope, kpi, found.whole, aim)
    known = {day: value for day, value in days.items() if value.value is not None}
    earlier = kpi.value(found.earlier) if len(paid_in.union(kpi.currencies(found.earlier))) < 2 else None
    return Figure(**vars(whole), target=aim, earlier=earlier, days=known)


def _value(scope: Scope, kpi: Kpi, columns: Columns, target: Target | None) -> Value:
    """A target in another currency is none."""
    paid_in = kpi.currencies(columns)
    aim = target if target and {target.currency}.issuperset(paid_in) else None
    currency = paid_in[0] if paid_in else aim.currency if aim else scope.team.currency
    return Value(
        kpi,
        kpi.value(columns),
        kpi.sample(columns),
        kpi.between(columns),
        aim.limit if aim else None,
        currency,
        len(paid_in) > 1,
    )


def _parts(scope: Scope, found: Counted) -> list[Part]:
    """Those with the most runs first."""
    names, limits = _names(scope), targets_of_agents(scope) if scope.by == By.AGENT else {}
    many = sorted(found.parts, key=lambda part: (-found.parts[part].get("runs", 0), part))
    return [
        Part(
            part,
            names.get(part, part),
            {
                key: _value(scope, MEASURED[key], found.parts[part], limits.get((part, key)))
                for key in compared(scope.function)
            },
        )
        for part in many
        if found.parts[part].get("runs")
    ]


def _names(scope: Scope) -> dict[str, str]:
    """What people call each part; a version and a use case are called what they are."""
    if scope.by == By.AGENT:
        return dict(Agent.objects.filter(team=scope.team).values_list("slug", "name"))
    if scope.by == By.FLOW:
        return {slug: spoken(name) for slug, name in Flow.objects.filter(team=scope.team).values_list("slug", "name")}
    return {function.value: str(function.label) for function in Function} if scope.by == By.FUNCTION else {}
