"""Figures against their targets, counted now from rows."""

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from agents.fleet.enums import Function
from console.api.access import READ, caller, token_of
from console.kpis.board import Value, board
from console.kpis.outcomes import MONEY
from console.kpis.scope import AGAIN, PERIODS, By, Scope

router = Router(tags=["kpis"])


class ScopeIn(Schema):
    """Calendar days of the token's person, today the last; narrowed by what is given. Whoever is back within `again`
    days was not helped at first contact.
    """

    days: int = Field(30, ge=1, le=PERIODS[-1])
    agent: str = ""
    flow: str = ""
    use_case: str = ""
    function: Function | None = None
    by: By = By.AGENT
    again: int = Field(7, ge=1, le=AGAIN[-1])


class ValueOut(Schema):
    """`value` is null when no row tells it; a share lies between `low` and `high` with 95 % confidence. `currency` is
    that of money; empty where costs in several meet, which have no sum, and of other figures.
    """

    value: float | None
    sample: int
    low: float | None
    high: float | None
    target: float | None
    missed: bool
    currency: str


class DayOut(ValueOut):
    day: dt.date


class FigureOut(ValueOut):
    """`earlier` is of as many days before. Money is in whole units of its currency; a target in another is left out."""

    key: str
    name: str
    unit: str
    better: str
    formula: str
    earlier: float | None
    days: list[DayOut]


class PartOut(Schema):
    key: str
    name: str
    figures: dict[str, ValueOut]


class BoardOut(Schema):
    first: dt.date
    last: dt.date
    figures: list[FigureOut]
    parts: list[PartOut]


@router.get("/kpis", response=BoardOut, auth=READ)
def list_kpis(request: HttpRequest, where: Query[ScopeIn]) -> dict[str, Any]:
    """The board of `/kpis/`: the period, each of its days, and its parts, over the agents the person may view."""
    user = caller(request)
    given = where.model_dump() | {"function": where.function or ""}
    found = board(Scope(user, token_of(request).team, timezone.now().astimezone(user.tzinfo).date(), **given))
    return {
        "first": found.scope.first,
        "last": found.scope.last,
        "figures": [
            _value(figure)
            | {"key": key, "name": str(figure.kpi.name), "unit": figure.kpi.unit, "better": figure.kpi.better}
            | {"formula": str(figure.kpi.how), "earlier": figure.earlier}
            | {"days": [_value(value) | {"day": day} for day, value in figure.days.items()]}
            for key, figure in found.figures.items()
        ],
        "parts": [
            {"key": part.key, "name": part.name, "figures": {key: _value(each) for key, each in part.values.items()}}
            for part in found.parts
        ],
    }


def _value(value: Value) -> dict[str, Any]:
    low, high = value.between or (None, None)
    numbers = {"value": value.value, "sample": value.sample, "low": low, "high": high, "target": value.limit}
    currency = "" if value.mixed or value.kpi.unit != MONEY else value.currency
    return numbers | {"missed": value.missed, "currency": currency}
