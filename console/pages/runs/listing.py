"""Runs, newest first: every one the person may see, by agent, state, age and batch."""

import datetime as dt
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from agents.base.clock import local_instant
from agents.fleet.enums import Verb
from agents.fleet.permissions import agents_for
from agents.runs.enums import TERMINAL, RunState
from agents.runs.models import Run
from agents.runs.queries import runs_for
from agents.runs.queries.lanes import holds
from agents.runs.queries.worst import COUNTED
from console.pages.agents.queries import Figure
from console.pages.runs.forms import SINCE, FilterForm
from console.pages.runs.starting import BATCH
from console.request import PaneRequest

PAGE = 50
KEPT = ("flow", "use_case", "function", "first", "last", "batch")
"""Filters that other pages link to; the form keeps them."""
HOT = (RunState.FAILED, RunState.QUARANTINED, RunState.WAITING)


@require_safe
def runs(request: PaneRequest) -> HttpResponse:
    """The list; for htmx only its figures and rows."""
    chosen = FilterForm(request.GET).chosen()
    mine = runs_for(request.user).filter(agent__team=request.team)
    rows = list(_page(narrowed(mine, chosen), chosen.get("before")))
    counts = (batch_counts if "batch" in chosen else state_counts)(narrowed(mine, {**chosen, "state": ""}))
    context = {
        "rows": rows[:PAGE],
        "chosen": chosen,
        "here": address(chosen),
        "next": address({**chosen, "before": str(rows[PAGE - 1].pk)}) if len(rows) > PAGE else "",
        "first": address({**chosen, "before": ""}) if "before" in chosen else "",
        "kept": [(name, chosen[name]) for name in KEPT if name in chosen],
        "figures": figures(counts, chosen),
        "holds": holds(request.team),
        "batch": progress(counts) if "batch" in chosen else None,
        "agents": agents_for(request.user, Verb.VIEW).filter(team=request.team).order_by("name").values("slug", "name"),
        "choices": {"state": RunState.choices, "since": SINCE},
    }
    template = "pages/runs/runs.html" + ("#rows" if request.headers.get("HX-Request") else "")
    response = render(request, template, context)
    response["Vary"] = "HX-Request"
    return response


NARROWS = {
    "agent": "agent__slug",
    "state": "state",
    "flow": "flow_version__flow__slug",
    "use_case": "agent__assignment__use_case",
    "function": "agent__function",
}


def narrowed(runs: QuerySet[Run], chosen: dict[str, str]) -> QuerySet[Run]:
    """The list, its figures and its filter are this one query."""
    runs = runs.filter(**{field: chosen[name] for name, field in NARROWS.items() if chosen.get(name)})
    if days := chosen.get("since"):
        runs = runs.filter(created_at__gte=timezone.now() - dt.timedelta(days=int(days)))
    if first := chosen.get("first"):
        runs = runs.filter(created_at__gte=_midnight(dt.date.fromisoformat(first)))
    if last := chosen.get("last"):
        runs = runs.filter(created_at__lt=_midnight(dt.date.fromisoformat(last) + dt.timedelta(days=1)))
    if batch := chosen.get("batch"):
        runs = runs.filter(subject_type=BATCH, subject_id=batch)
    return runs


def _midnight(day: dt.date) -> dt.datetime:
    """Where a day of the reader's begins: of an instant there is an index, of a day none."""
    return local_instant(day, dt.time(), timezone.get_current_timezone())


def _page(runs: QuerySet[Run], before: str | None) -> QuerySet[Run]:
    """One row more than a page shows, by when they began: of a vendor's we are often told days later."""
    if before:
        at = Subquery(Run.objects.filter(pk=before).values("created_at"))
        runs = runs.filter(Q(created_at__lt=at) | Q(pk__lt=before), created_at__lte=at)
    return runs.select_related("agent", "flow_version__flow", "started_by").order_by("-created_at", "-pk")[: PAGE + 1]


def state_counts(runs: QuerySet[Run]) -> dict[str, int]:
    """How many are in each state, at most COUNTED + 1; one query.

    By name, each on its own: the planner knows which states are rare, and finds those along their own index.
    """
    counted, given = list[str](), list[Any]()
    for state in RunState.values:
        newest = runs.filter(state=state).order_by("-created_at").values("pk")[: COUNTED + 1]
        found, params = newest.query.sql_with_params()
        counted.append(f"SELECT %s, count(*) FROM ({found}) found")
        given += [state, *params]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(counted), given)
        return dict(cursor.fetchall())


def batch_counts(runs: QuerySet[Run]) -> dict[str, int]:
    """Of one batch, to the last."""
    return dict(runs.order_by().values_list("state").annotate(n=Count("pk")))


def figures(counts: dict[str, int], chosen: dict[str, str]) -> list[Figure]:
    """How many are in each state, as far as anybody counts; one that none is in is left out, unless it is chosen."""
    on = chosen.get("state", "")
    return [
        Figure(
            state.label,
            min(counts.get(state, 0), COUNTED),
            address({**chosen, "state": "" if state == on else state, "before": ""}),
            on=state == on,
            hot=state in HOT and bool(counts.get(state)),
            more=counts.get(state, 0) > COUNTED,
        )
        for state in RunState
        if counts.get(state) or state == on
    ]


def progress(counts: dict[str, int]) -> dict[str, int]:
    """How far a batch is: those that need nothing more, of all."""
    return {"over": sum(counts.get(state, 0) for state in TERMINAL), "all": sum(counts.values())}


def address(chosen: dict[str, str]) -> str:
    """The list with these filters."""
    return reverse("runs", query={name: value for name, value in chosen.items() if value})
