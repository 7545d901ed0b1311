"""The KPI board: what the fleet, an agent, a flow, a use case reached in a period, against its targets."""

import csv
import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_safe

from agents.base.cells import safe_cell
from agents.fleet import verbs
from agents.fleet.enums import Function, Verb
from agents.fleet.models import Assignment
from agents.fleet.permissions import agents_for
from audit.actions import record
from console.kpis.board import Board, Value, board
from console.kpis.functions import SETS, compared
from console.kpis.hops import hops
from console.kpis.measures import MEASURED
from console.kpis.outcomes import MONEY
from console.kpis.scope import AGAIN, PERIODS, By, Scope
from console.pages.kpis.chart import drawn
from console.pages.kpis.forms import ScopeForm
from console.request import PaneRequest

HEADINGS = ("kpi", "unit", "of", "value", "sample", "low_95", "high_95", "target", "missed")


@require_safe
def kpis(request: PaneRequest) -> HttpResponse:
    """Counted now, from rows; every figure leads to its runs. An open page reads its figures again, and those alone."""
    form, scope = asked(request)
    found = board(scope)
    chosen = found.figures.get(form.drawn) or next(iter(found.figures.values()), None)
    figures = [(figure, address(scope, figure.kpi.key)) for figure in found.figures.values()]
    own = sum(key in SETS.get(scope.function, found.figures) for key in found.figures) or len(figures)
    context = {
        "scope": scope,
        "figures": figures[:own],
        "others": figures[own:],
        "others_chosen": any(figure is chosen for figure, _url in figures[own:]),
        "chosen": chosen,
        "chart": drawn(chosen, scope.every_day) if chosen else None,
        "days": [(value, runs_of(scope, day, day), day) for day, value in reversed(chosen.days.items())]
        if chosen
        else [],
        "runs": runs_of(scope, scope.first, scope.last),
        "heads": [MEASURED[key] for key in compared(scope.function)],
        "untold": found.untold,
        "parts": [(part, address(scope, form.drawn, part.key)) for part in found.parts],
        "hops": SimpleLazyObject(lambda: hops(scope)),
        "export": reverse("kpi-export", query=request.GET.dict()),
        "choices": SimpleLazyObject(lambda: choices(request)),
    }
    response = render(
        request, "pages/kpis/kpis.html" + ("#figures" if request.headers.get("HX-Request") else ""), context
    )
    response["Vary"] = "HX-Request"
    return response


@require_safe
def export(request: PaneRequest) -> HttpResponse:
    """The whole period, each day, and each part, as CSV that no spreadsheet runs."""
    _form, scope = asked(request)
    query = request.GET.urlencode()[:300]
    record(verbs.KPIS_EXPORTED, actor=request.user.actor, team_id=request.team.pk, query=query)
    name = f"kpis-{scope.first:%Y-%m-%d}-{scope.last:%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    response = HttpResponse(content_type="text/csv; charset=utf-8", headers=headers)
    writer = csv.writer(response)
    writer.writerow(HEADINGS)
    writer.writerows([safe_cell(cell) for cell in row] for row in _rows(board(scope)))
    return response


def asked(request: PaneRequest) -> tuple[ScopeForm, Scope]:
    """The form as it came, and the scope it names, up to the reader's today."""
    form = ScopeForm(request.GET)
    return form, form.scope(request.user, request.team, timezone.now().astimezone(request.user.tzinfo).date())


def _rows(found: Board) -> Iterator[tuple[object, ...]]:
    for figure in found.figures.values():
        yield _row(figure, "")
        yield from (_row(value, day.isoformat()) for day, value in figure.days.items())
    for part in found.parts:
        yield from (_row(value, part.key) for value in part.values.values() if value.value is not None)


def _row(value: Value, of: str) -> tuple[object, ...]:
    low, high = value.between or (None, None)
    numbers = (value.value, value.sample, low, high, value.limit)
    exact = ["" if number is None else f"{number:.6g}" for number in numbers]
    return value.kpi.key, _unit(value), of, *exact, "yes" if value.missed else ""


def _unit(value: Value) -> str:
    """Of money its currency; "" where several meet, which have no sum."""
    return value.kpi.unit if value.kpi.unit != MONEY else "" if value.mixed else value.currency


def address(scope: Scope, kpi: str, part: str = "") -> str:
    """The board with these filters, and narrowed to one of its parts."""
    narrowed = scope.narrowed | ({scope.by.value: part} if part and scope.by != By.VERSION else {})
    query = {"days": str(scope.days), "by": scope.by.value, "again": str(scope.again), "kpi": kpi} | narrowed
    return reverse("kpis", query={name: value for name, value in query.items() if value})


def runs_of(scope: Scope, first: dt.date, last: dt.date, **narrowed: str) -> str:
    """The runs behind a figure."""
    days = {"first": first.isoformat(), "last": last.isoformat()}
    return reverse("runs", query=scope.narrowed | narrowed | days)


def choices(request: PaneRequest) -> dict[str, Any]:
    """What the filters offer."""
    mine = agents_for(request.user, Verb.VIEW).filter(team=request.team)
    assigned = Assignment.objects.filter(agent__in=mine).values_list("flow_version__flow__slug", "use_case").distinct()
    pairs = list(assigned.order_by())
    return {
        "agent": list(mine.order_by("name").values_list("slug", "name")),
        "flow": sorted({flow for flow, _use_case in pairs}),
        "use_case": sorted({use_case for _flow, use_case in pairs if use_case}),
        "function": Function.choices,
        "days": PERIODS,
        "again": AGAIN,
        "by": By.choices,
    }
