"""The queue's filters, the views people keep of it, and its export."""

import csv
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agents.base.cells import safe_cell
from agents.base.personal import still
from agents.base.phrases import spoken
from agents.fleet.enums import Verb
from agents.fleet.permissions import agents_for
from agents.runs import verbs
from agents.runs.enums import ExceptionKind, Severity
from agents.runs.models import ReviewItem, SavedView
from agents.runs.queries import Need
from agents.runs.queries.everything import counted, everything
from agents.runs.queries.narrowing import Only
from agents.runs.ranking import reasons
from audit.actions import record
from console.request import PaneRequest

HEADINGS = ("agent", "kind", "severity", "title", "opened_at", "state", "expected_loss", "currency", "why", "assignee")
CHUNK = 100


class NarrowForm(forms.Form):
    """What the queue can be narrowed to; an unknown value is no filter."""

    need = forms.ChoiceField(label=gettext_lazy("Need"), required=False, choices=[("", "–"), *Need.choices])
    agent = forms.SlugField(label=gettext_lazy("Agent"), required=False, max_length=60)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False, choices=[("", "–"), *ExceptionKind.choices])
    severity = forms.ChoiceField(
        label=gettext_lazy("Severity"), required=False, choices=[("", "–"), *reversed(Severity.choices)]
    )
    mine = forms.BooleanField(label=gettext_lazy("Assigned to me"), required=False)


@dataclass(frozen=True)
class Narrowed:
    """The filters of a request: of the query, and as what follows the question mark."""

    need: str
    only: Only
    query: str


def narrowed(request: PaneRequest) -> Narrowed:
    """What the address says."""
    form = NarrowForm(request.GET)
    form.is_valid()
    given: dict[str, Any] = {name: value for name, value in form.cleaned_data.items() if value}
    query = urlencode({name: "1" if value is True else value for name, value in given.items()})
    need = given.pop("need", "")
    return Narrowed(need, Only(**given), f"?{query}" if query else "")


class ViewForm(forms.Form):
    name = forms.CharField(max_length=60)
    query = forms.CharField(max_length=500, required=False)


@require_safe
def views(request: PaneRequest) -> HttpResponse:
    """The filters, the views that were kept, and the export: a page of its own, so that the queue pays nothing."""
    kept = SavedView.objects.filter(user=request.user, team=request.team)
    chosen = narrowed(request)
    form = NarrowForm(request.GET)
    listed = agents_for(request.user, Verb.VIEW).filter(team=request.team).order_by("name").values_list("slug", "name")
    form.fields["agent"].widget = forms.Select(choices=[("", "–"), *listed])
    context = {"form": form, "views": kept, "query": chosen.query}
    context["counted"] = counted(request.user, request.team, chosen.need, chosen.only)
    return render(request, "pages/queue/views.html", context)


@require_POST
def keep(request: PaneRequest) -> HttpResponse:
    """Keeps these filters under a name; the same name again is the new filters."""
    form = ViewForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Give the view a name of at most 60 characters."))
        return redirect(_chosen(request))
    name, query = form.cleaned_data["name"], form.cleaned_data["query"]
    SavedView.objects.update_or_create(user=request.user, team=request.team, name=name, defaults={"query": query})
    messages.success(request, _("Kept as “%(name)s”.") % {"name": name})
    return redirect(_chosen(request))


def _chosen(request: PaneRequest) -> str:
    """Back to what is chosen: whoever keeps it may export it, too."""
    return reverse("queue-views", query=QueryDict(request.POST.get("query", "").removeprefix("?")))


@require_POST
def forget(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    view = get_object_or_404(SavedView, pk=pk, user=request.user)
    view.delete()
    messages.success(request, _("“%(name)s” is gone.") % {"name": view.name})
    return redirect("queue-views")


@require_safe
def export(request: PaneRequest) -> StreamingHttpResponse:
    """Everything that the filters leave, the worst first, folded or not, as CSV that no spreadsheet runs: streamed."""
    chosen = narrowed(request)
    found = everything(request.user, request.team, chosen.need, chosen.only)
    record(verbs.QUEUE_EXPORTED, actor=request.user.actor, team_id=request.team.pk, query=chosen.query)
    name = f"queue-{timezone.localdate():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    lines = still(_lines(found, get_language()))
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _lines(found: Iterator[ReviewItem], language: str | None) -> Iterator[str]:
    """A chunk of lines at a time, in the reader's language: they are made when the request is over."""
    yield _csv([HEADINGS])
    while rows := list(islice(found, CHUNK)):
        with override(language):
            text = _csv([[safe_cell(cell) for cell in _cells(row)] for row in rows])
        yield text


def _csv(rows: Sequence[Sequence[object]]) -> str:
    made = StringIO()
    csv.writer(made).writerows(rows)
    return made.getvalue()


def _cells(item: ReviewItem) -> tuple[object, ...]:
    asked = item.exception
    assert asked is not None, "a place in the queue without a question is not exported"
    said = (item.agent.name, asked.kind, asked.severity, spoken(asked.title), asked.opened_at.isoformat(), item.state)
    return *said, f"{item.rank:.2f}", item.agent.currency, " · ".join(reasons(item)), item.assignee or ""
