"""Thresholds of figures: set for an agent, a flow or the whole team; what holds, and what held."""

import uuid
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from agents.fleet.actions import end_threshold, set_threshold
from agents.fleet.enums import Verb
from agents.fleet.models import Agent, Flow, Threshold
from agents.fleet.permissions import agents_for
from agents.fleet.queries.thresholds import thresholds
from console.forms import accepted
from console.kpis.measures import KPIS, MEASURED, Kpi
from console.kpis.outcomes import MONEY
from console.request import PaneRequest

SHOWN = 50
"""Of those that ended, the newest."""


def _named() -> list[tuple[str, str]]:
    """Each figure with the unit its threshold is in; money is in the team's currency."""
    return [(kpi.key, f"{kpi.name} ({kpi.unit})" if kpi.unit not in ("", MONEY) else str(kpi.name)) for kpi in KPIS]


class ThresholdForm(forms.Form):
    """One figure and how far it may go; without agent and flow it is the whole team's."""

    key = forms.ChoiceField(label=gettext_lazy("KPI"), choices=_named)
    limit = forms.DecimalField(label=gettext_lazy("Threshold"), max_digits=18, decimal_places=4)
    agent = forms.ModelChoiceField(label=gettext_lazy("Agent"), queryset=Agent.objects.none(), required=False)
    flow = forms.ModelChoiceField(
        label=gettext_lazy("Or a flow"),
        queryset=Flow.objects.none(),
        required=False,
        help_text=gettext_lazy("With neither, it holds for every agent of the team."),
    )

    def of(self, request: PaneRequest) -> "ThresholdForm":
        """Offers the agents the person configures, and the team's flows."""
        mine = agents_for(request.user, Verb.CONFIGURE).filter(team=request.team).order_by("name")
        self.fields["agent"].queryset = mine  # type: ignore[attr-defined]
        self.fields["flow"].queryset = Flow.objects.filter(team=request.team).order_by("name")  # type: ignore[attr-defined]
        return self

    def clean(self) -> dict[str, object] | None:
        if self.cleaned_data.get("agent") and self.cleaned_data.get("flow"):
            self.add_error("flow", _("Choose an agent or a flow, not both."))
        return self.cleaned_data


@dataclass(frozen=True)
class Line:
    """One as its page shows it."""

    threshold: Threshold

    @property
    def kpi(self) -> Kpi:
        return MEASURED[self.threshold.key]

    @property
    def limit(self) -> str:
        return number_format(self.threshold.limit.normalize())


@require_safe
def kpi_thresholds(request: PaneRequest) -> HttpResponse:
    return _page(request, ThresholdForm().of(request))


def _page(request: PaneRequest, form: ThresholdForm, status: int = 200) -> HttpResponse:
    found = _visible(request).filter(key__in=MEASURED)
    context = {
        "held": [Line(each) for each in found.filter(ended_at=None)],
        "ended": [Line(each) for each in found.exclude(ended_at=None)[:SHOWN]],
        "form": form,
    }
    return render(request, "pages/kpis/thresholds.html", context, status=status)


def _visible(request: PaneRequest) -> QuerySet[Threshold]:
    return thresholds(request.team).filter(Q(agent=None) | Q(agent__in=agents_for(request.user, Verb.VIEW)))


@require_POST
def threshold_set(request: PaneRequest) -> HttpResponse:
    form = ThresholdForm(request.POST).of(request)
    if not accepted(form, lambda: set_threshold(request.team, actor=request.user, **form.cleaned_data)):
        return _page(request, form, 422)
    messages.success(request, _("Saved."))
    return redirect("kpi-thresholds")


@require_POST
def threshold_end(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    end_threshold(get_object_or_404(_visible(request), pk=pk), actor=request.user)
    messages.success(request, _("Nothing is raised by it any more."))
    return redirect("kpi-thresholds")
