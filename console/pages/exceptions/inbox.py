"""Every exception the person may see, of every agent and vendor: what is open first, worst first."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from agents.fleet.enums import Verb
from agents.fleet.models import AgentOwner
from agents.fleet.permissions import agents_for
from agents.people.queries import members
from agents.runs.enums import ExceptionKind, ExceptionState, RootCause, Severity
from agents.runs.models import RunException
from agents.runs.queries import Fold, Need, exceptions_for, folded, folds, idle, narrowed
from agents.runs.queries.inbox import ANSWERABLE
from console.pages.agents.queries import Figure
from console.pages.exceptions.forms import ALL, FilterForm, where
from console.pages.exceptions.past import cost_of_waiting
from console.request import PaneRequest

PAGE = 50


@dataclass(frozen=True)
class Row:
    """One line of the inbox: the exception, what is the same and open beside it, and what its waiting has cost."""

    exception: RunException
    fold: Fold | None
    price: str


@require_safe
def exceptions(request: PaneRequest) -> HttpResponse:
    """The inbox; for htmx only its figures and rows."""
    chosen = FilterForm(request.GET).chosen()
    mine = exceptions_for(request.user).filter(agent__team=request.team)
    found = narrowed(mine, where(chosen))
    listed = list(_page(found, chosen))
    context = {
        "rows": _rows(listed[:PAGE], chosen),
        "idle": idle(found) if chosen.get("need") == Need.WAITING and chosen["state"] == ExceptionState.OPEN else [],
        "chosen": chosen,
        "here": address(chosen),
        "next": address({**chosen, "after": _place(listed[PAGE - 1])}) if len(listed) > PAGE else "",
        "first": address({**chosen, "after": ""}) if "after" in chosen else "",
        "causes": causes(narrowed(mine, where({**chosen, "root_cause": ""})), chosen),
        "figures": figures(narrowed(mine, where({**chosen, "severity": ""})), chosen),
        "agents": agents_for(request.user, Verb.VIEW).filter(team=request.team).order_by("name").values("slug", "name"),
        "owners": members(request.team),
        "choices": {
            "state": [*ExceptionState.choices, (ALL, "")],
            "kind": ExceptionKind.choices,
            "need": Need.choices,
        },
    }
    template = "pages/exceptions/exceptions.html" + ("#rows" if request.headers.get("HX-Request") else "")
    response = render(request, template, context)
    response["Vary"] = "HX-Request"
    return response


def _page(found: QuerySet[RunException], chosen: dict[str, str]) -> QuerySet[RunException]:
    """Open ones by rank, others newest first; one row more than a page shows."""
    seats = AgentOwner.objects.filter(role__in=ANSWERABLE).select_related("user").order_by("role")
    found = found.select_related("agent", "run", "item__claimed_by", "item__assignee")
    found = found.prefetch_related(Prefetch("agent__owners", seats))
    if chosen["state"] != ExceptionState.OPEN:
        return _after(found, chosen.get("after", ""), ranked=False).order_by("-pk")[: PAGE + 1]
    found = _after(folded(found, chosen.get("need", "")), chosen.get("after", ""), ranked=True)
    return found.order_by("-item__rank", "pk")[: PAGE + 1]


def _rows(listed: list[RunException], chosen: dict[str, str]) -> list[Row]:
    same = folds(listed) if chosen["state"] == ExceptionState.OPEN else {}
    return [Row(each, same.get(each.pk), cost_of_waiting(each)) for each in listed]


def _after(found: QuerySet[RunException], place: str, *, ranked: bool) -> QuerySet[RunException]:
    """What comes after a place of the list, `rank~id`; a damaged place is the beginning."""
    rank, _tilde, pk = place.partition("~")
    try:
        number, last = float(rank), RunException._meta.pk.to_python(pk)
    except (ValueError, TypeError, ValidationError):
        return found
    if not ranked:
        return found.filter(pk__lt=last)
    return found.filter(Q(item__rank__lt=number) | Q(item__rank=number, pk__gt=last))


def _place(row: RunException) -> str:
    return f"{row.item.rank}~{row.pk}"


def figures(found: QuerySet[RunException], chosen: dict[str, str]) -> list[Figure]:
    """How many of each severity, the worst first."""
    counts = dict(found.order_by().values_list("severity").annotate(n=Count("pk")))
    on = chosen.get("severity", "")
    return [
        Figure(
            severity.label,
            counts.get(severity, 0),
            address({**chosen, "severity": "" if severity == on else severity, "after": ""}),
            on=severity == on,
            hot=severity == Severity.HIGH and bool(counts.get(severity)),
        )
        for severity in reversed(Severity)
    ]


def causes(found: QuerySet[RunException], chosen: dict[str, str]) -> list[Figure]:
    """How often each cause was behind what is closed, the commonest first."""
    if chosen["state"] == ExceptionState.OPEN:
        return []
    told = found.exclude(root_cause="").order_by().values_list("root_cause").annotate(n=Count("pk")).order_by("-n")
    on = chosen.get("root_cause", "")
    return [
        Figure(
            RootCause(cause).label,
            count,
            address({**chosen, "root_cause": "" if cause == on else cause, "after": ""}),
            on=cause == on,
        )
        for cause, count in told
    ]


def address(chosen: dict[str, str]) -> str:
    """The inbox with these filters."""
    return reverse("exceptions", query={name: value for name, value in chosen.items() if value})
