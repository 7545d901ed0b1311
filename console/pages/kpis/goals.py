"""Goals with their dates: how far ahead or behind each is; set and closed by whoever configures the agent."""

import datetime as dt
import uuid

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from agents.fleet.actions import close_goal, set_goal
from agents.fleet.enums import Verb
from agents.fleet.models import Agent, Goal
from agents.fleet.permissions import agents_for
from console.forms import accepted
from console.kpis.goals import goals
from console.request import PaneRequest

DAY = forms.DateInput({"type": "date"}, format="%Y-%m-%d")


class GoalForm(forms.Form):
    """So much of one KPI of one agent, from a day to another."""

    agent = forms.ModelChoiceField(queryset=Agent.objects.none(), label=gettext_lazy("Agent"))
    title = forms.CharField(label=gettext_lazy("Goal"), max_length=120)
    key = forms.SlugField(
        label=gettext_lazy("KPI"), max_length=40, help_text=gettext_lazy("One word, such as meetings.")
    )
    target = forms.DecimalField(label=gettext_lazy("Target"), max_digits=18, decimal_places=4)
    first = forms.DateField(label=gettext_lazy("From"), widget=DAY)
    due = forms.DateField(label=gettext_lazy("Due"), widget=DAY)

    def of(self, request: PaneRequest) -> "GoalForm":
        """Offers the agents whose goals the person may set."""
        mine = agents_for(request.user, Verb.CONFIGURE).filter(team=request.team).order_by("name")
        self.fields["agent"].queryset = mine  # type: ignore[attr-defined]
        return self


@require_safe
def kpi_goals(request: PaneRequest) -> HttpResponse:
    return _page(request, GoalForm().of(request))


def _page(request: PaneRequest, form: GoalForm, status: int = 200) -> HttpResponse:
    may = agents_for(request.user, Verb.CONFIGURE).filter(team=request.team)
    context = {
        "goals": goals(agents_for(request.user, Verb.VIEW).filter(team=request.team), _today(request)),
        "configures": set(may.values_list("pk", flat=True)),
        "form": form,
    }
    return render(request, "pages/kpis/goals.html", context, status=status)


def _today(request: PaneRequest) -> dt.date:
    return timezone.now().astimezone(request.user.tzinfo).date()


@require_POST
def goal_set(request: PaneRequest) -> HttpResponse:
    form = GoalForm(request.POST).of(request)
    if not accepted(form, lambda: set_goal(actor=request.user, **form.cleaned_data)):
        return _page(request, form, 422)
    messages.success(request, _("Saved."))
    return redirect("kpi-goals")


@require_POST
def goal_close(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    mine = agents_for(request.user, Verb.VIEW).filter(team=request.team)
    close_goal(get_object_or_404(Goal.objects.select_related("agent"), pk=pk, agent__in=mine), actor=request.user)
    messages.success(request, _("The goal is closed."))
    return redirect("kpi-goals")
