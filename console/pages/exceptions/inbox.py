"""Every exception the person may see, of every agent and vendor: what is open first, worst first."""

import uuid
from dataclasses import dataclass

from django.db.models import Count, Prefetch, QuerySet
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
from agents.runs.queries import Fold, Need, Opened, exceptions_for, folds, narrowed
from agents.runs.queries.inbox import ANSWERABLE, CLOSED
from agents.runs.queries.worst import COUNTED
from agents.runs.ranking import reasons
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

    @property
    def why(self) -> list[str]:
        """The reasons of its place; how likely it is, the order says, and its kind stands beside them."""
        return [each for each in reasons(self.exception.item)[1:] if each != self.exception.get_kind_display()]


@require_safe
def exceptions(request: PaneRequest) -> HttpResponse:
    """The inbox; for htmx only its figures and rows."""
    chosen = FilterForm(request.GET).chosen()
    mine = exceptions_for(request.user).filter(agent__team=request.team)
    listed, following = _open(request, chosen) if _is_open(chosen) else _past(narrowed(mine, where(chosen)), chosen)
    context = {
        "rows": _rows(listed, chosen),
        "idle": _opened(request, chosen).idle() if _is_open(chosen) and chosen.get("need") == Need.WAITING else [],
        "chosen": chosen,
        "here": address(chosen),
        "next": address({**chosen, "after": following}) if following else "",
        "first": address({**chosen, "after": ""}) if "after" in chosen else "",
        "causes": causes(narrowed(mine, where({**chosen, "root_cause": ""})), chosen),
        "figures": figures(_counts(request, mine, {**chosen, "severity": ""}), chosen),
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


def _is_open(chosen: dict[str, str]) -> bool:
    return chosen["state"] == ExceptionState.OPEN


def _opened(request: PaneRequest, chosen: dict[str, str]) -> Opened:
    return Opened(request.user, request.team, where(chosen))


def _open(request: PaneRequest, chosen: dict[str, str]) -> tuple[list[RunException], str]:
    """A page of what is open by rank, and the place where it ends, "" at the end of the list."""
    places = _opened(request, chosen).page(PAGE + 1, _place(chosen))
    found = {each.pk: each for each in _whole(RunException.objects.filter(pk__in=[p.exception for p in places[:PAGE]]))}
    last = places[PAGE - 1] if len(places) > PAGE else None
    return [found[p.exception] for p in places if p.exception in found], f"{last.rank}~{last.item}" if last else ""


def _past(found: QuerySet[RunException], chosen: dict[str, str]) -> tuple[list[RunException], str]:
    """A page of what is not only open, newest first, and the place where it ends."""
    place = _place(chosen)
    listed = list(_whole(found.filter(pk__lt=place[1]) if place else found).order_by("-pk")[: PAGE + 1])
    return listed[:PAGE], f"0~{listed[PAGE - 1].pk}" if len(listed) > PAGE else ""


def _whole(found: QuerySet[RunException]) -> QuerySet[RunException]:
    """With all that a row shows."""
    seats = AgentOwner.objects.filter(role__in=ANSWERABLE).select_related("user").order_by("role")
    found = found.select_related("agent", "run", "item__claimed_by", "item__assignee")
    return found.prefetch_related(Prefetch("agent__owners", seats))


def _rows(listed: list[RunException], chosen: dict[str, str]) -> list[Row]:
    same = folds(listed) if _is_open(chosen) else {}
    return [Row(each, same.get(each.pk), cost_of_waiting(each)) for each in listed]


def _place(chosen: dict[str, str]) -> tuple[float, uuid.UUID] | None:
    """Where the page before ended, `rank~id`; a damaged place is the beginning."""
    rank, _tilde, pk = chosen.get("after", "").partition("~")
    try:
        return float(rank), uuid.UUID(pk)
    except ValueError:
        return None


def _counts(request: PaneRequest, mine: QuerySet[RunException], chosen: dict[str, str]) -> dict[str, int]:
    """How many of each severity, at most COUNTED + 1."""
    if _is_open(chosen):
        return _opened(request, chosen).counts()
    found = narrowed(mine, where(chosen)).order_by()
    return {severity: found.filter(severity=severity)[: COUNTED + 1].count() for severity in Severity}


def figures(counts: dict[str, int], chosen: dict[str, str]) -> list[Figure]:
    """How many of each severity, the worst first, as far as anybody counts."""
    on = chosen.get("severity", "")
    return [
        Figure(
            severity.label,
            min(counts[severity], COUNTED),
            address({**chosen, "severity": "" if severity == on else severity, "after": ""}),
            on=severity == on,
            hot=severity == Severity.HIGH and bool(counts[severity]),
            more=counts[severity] > COUNTED,
        )
        for severity in reversed(Severity)
    ]


def causes(found: QuerySet[RunException], chosen: dict[str, str]) -> list[Figure]:
    """How often each cause was behind the last COUNTED that were closed with one, the commonest first."""
    if _is_open(chosen):
        return []
    closed = found.filter(CLOSED).exclude(root_cause="")
    last = closed.order_by("-pk").values("pk")[:COUNTED]
    told = RunException.objects.filter(pk__in=last).values_list("root_cause").annotate(n=Count("pk")).order_by("-n")
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
