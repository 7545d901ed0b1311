"""The manual round: what only hands can do on vendors' pages, each with its link, its text, a tick and the minutes."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from agents.base.clock import business_day
from agents.base.errors import Conflict, Invalid
from agents.connectors.registry import adapter
from agents.fleet.actions import open_vendor
from agents.fleet.enums import Verb
from agents.fleet.permissions import agents_for
from console.forms import problems_of
from console.pages.agents.fetch import visible
from console.pages.manual.doing import task_or_404, tick
from console.pages.manual.stops import stops
from console.request import PaneRequest


class DoneForm(forms.Form):
    """What was seen there, the minutes it took, and the figure where one was read."""

    evidence = forms.CharField(
        max_length=2000, error_messages={"required": gettext_lazy("Say where you pasted it, or what you saw there.")}
    )
    minutes = forms.IntegerField(min_value=0, max_value=480)
    value = forms.DecimalField(max_digits=18, decimal_places=4, required=False)


@require_safe
def manual_round(request: PaneRequest) -> HttpResponse:
    """Everything that is left, agent by agent."""
    return _page(request)


@require_safe
def visit(request: PaneRequest, slug: str) -> HttpResponse:
    """The way to the agent's own page at its vendor: whoever takes it is counted."""
    agent = visible(request, slug)
    link = adapter(agent).deep_link()
    if not link:
        raise Http404
    if request.method == "GET":
        open_vendor(agent, actor=request.user)
    return redirect(link)


@require_POST
def done(request: PaneRequest, kind: str, pk: uuid.UUID) -> HttpResponse:
    """One thing was done by hand; what was typed stays when it is refused."""
    seen = agents_for(request.user, Verb.VIEW).filter(team=request.team)
    row, form = task_or_404(kind, pk, seen), DoneForm(request.POST)
    given = {name: request.POST.get(name, "") for name in form.fields}
    if not form.is_valid():
        return _page(request, 422, pk=pk, problem=problems_of(form), **given)
    try:
        tick(kind, row, actor=request.user, **form.cleaned_data)
    except (Conflict, Invalid) as error:
        return _page(request, error.status, pk=pk, problem=error.message, **given)
    messages.success(request, _("Kept, with what you saw and the minutes."))
    return redirect("manual-round")


def _page(request: PaneRequest, status: int = 200, **failed: Any) -> HttpResponse:
    """The round; what a refused tick was told stands at its task, above all of them once that is no longer there."""
    found = stops(request.user, request.team, business_day(timezone.now(), request.user.tzinfo))
    tasks = [task.pk for stop in found for task in stop.tasks]
    context = {"stops": found, "tasks": len(tasks), "failed": failed, "astray": failed and failed["pk"] not in tasks}
    return render(request, "pages/manual/manual.html", context, status=status)
