"""Agents that go without their approvals for a while: open one, end one, and every one there was."""

import uuid
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from agents.fleet.enums import Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import agents_for
from agents.runs.actions import end_bypass, open_bypass
from agents.runs.models import BYPASS_LASTS, Bypass
from agents.runs.queries.bypasses import bypasses
from console.forms import accepted
from console.request import PaneRequest

SHOWN = 100
MOST_MINUTES = int(BYPASS_LASTS.total_seconds() // 60)


class BypassForm(forms.Form):
    """Which agent, for how long, and why."""

    agent = forms.ModelChoiceField(Agent.objects.none(), label=gettext_lazy("Agent"), empty_label="–")
    minutes = forms.IntegerField(
        label=gettext_lazy("For how many minutes"), min_value=1, max_value=MOST_MINUTES, initial=60
    )
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=300)

    def __init__(self, request: PaneRequest, data: Any = None) -> None:
        super().__init__(data)
        mine = agents_for(request.user, Verb.CONFIGURE).filter(team=request.team).order_by("name")
        self.fields["agent"].queryset = mine  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
def bypass_page(request: PaneRequest) -> HttpResponse:
    """The register, newest first, with the form."""
    form = BypassForm(request, request.POST if request.method == "POST" else None)
    if form.is_bound and accepted(form, lambda: _open(request, form)):
        messages.success(request, _("It is in force, and ends by itself."))
        return redirect("bypasses")
    told = {"form": form, "bypasses": bypasses(request.user, request.team)[:SHOWN]}
    return render(request, "pages/exceptions/bypasses.html", told, status=422 if form.is_bound else 200)


def _open(request: PaneRequest, form: BypassForm) -> Bypass:
    until = timezone.now() + timedelta(minutes=form.cleaned_data["minutes"])
    until = min(until, timezone.now() + BYPASS_LASTS)
    return open_bypass(form.cleaned_data["agent"], until=until, reason=form.cleaned_data["reason"], actor=request.user)


@require_POST
def end(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """Ends it now; anybody who may review the agent."""
    end_bypass(get_object_or_404(bypasses(request.user, request.team), pk=pk), actor=request.user)
    messages.success(request, _("Ended: its approvals are asked for again."))
    return redirect("bypasses")
