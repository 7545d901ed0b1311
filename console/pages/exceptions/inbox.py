"""Every exception the person may see, of every agent and vendor: what is open first, worst first."""

from django.core.exceptions import ValidationError
from django.db.models import Count, Prefetch, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from agents.fleet.enums import OwnerRole, Verb
from agents.fleet.models import AgentOwner
from agents.fleet.permissions import agents_for
from agents.people.queries import members
from agents.runs.enums import ExceptionKind, ExceptionState, Severity
from agents.runs.models import RunException
from agents.runs.queries import exceptions_for
from console.pages.agents.queries import Figure
from console.pages.exceptions.forms import ALL, FilterForm
from console.request import PaneRequest

PAGE = 50
ANSWERABLE = (OwnerRole.PRIMARY, OwnerRole.SECOND)


@require_safe
def exceptions(request: PaneRequest) -> HttpResponse:
    """The inbox; for htmx only its figures and rows."""
    chosen = FilterForm(request.GET).chosen()
    mine = exceptions_for(request.user).filter(agent__team=request.team)
    rows = list(_page(narrowed(mine, chosen), chosen))
    context = {
        "rows": rows[:PAGE],
        "chosen": chosen,
        "here": address(chosen),
        "next": address({**chosen, "after": _place(rows[PAGE - 1])}) if len(rows) > PAGE else "",
        "first": address({**chosen, "after": ""}) if "after" in chosen else "",
        "figures": figures(narrowed(mine, {**chosen, "severity": ""}), chosen),
        "agents": agents_for(request.user, Verb.VIEW).filter(team=request.team).order_by("name").values("slug", "name"),
        "owners": members(request.team),
        "choices": {"state": [*ExceptionState.choices, (ALL, "")], "kind": ExceptionKind.choices},
    }
    template = "pages/exceptions/exceptions.html" + ("#rows" if request.headers.get("HX-Request") else "")
    response = render(request, template, context)
    response["Vary"] = "HX-Request"
    return response


def narrowed(found: QuerySet[RunException], chosen: dict[str, str]) -> QuerySet[RunException]:
    """The inbox, its figures and its filter are this one query."""
    if chosen["state"] != ALL:
        found = found.filter(state=chosen["state"])
    for name, column in {"severity": "severity", "kind": "kind", "agent": "agent__slug"}.items():
        if value := chosen.get(name):
            found = found.filter(**{column: value})
    if owner := chosen.get("owner"):
        found = found.filter(agent__in=AgentOwner.objects.filter(user__pk=owner, role__in=ANSWERABLE).values("agent"))
    return found


def _page(found: QuerySet[RunException], chosen: dict[str, str]) -> QuerySet[RunException]:
    """Open ones by rank, others newest first; one row more than a page shows."""
    seats = AgentOwner.objects.filter(role__in=ANSWERABLE).select_related("user").order_by("role")
    found = found.select_related("agent", "run", "item__claimed_by").prefetch_related(Prefetch("agent__owners", seats))
    if chosen["state"] != ExceptionState.OPEN:
        return _after(found, chosen.get("after", ""), ranked=False).order_by("-pk")[: PAGE + 1]
    return _after(found, chosen.get("after", ""), ranked=True).order_by("-item__rank", "pk")[: PAGE + 1]


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


def address(chosen: dict[str, str]) -> str:
    """The inbox with these filters."""
    return reverse("exceptions", query={name: value for name, value in chosen.items() if value})
