"""The manual round: what only hands can do on vendors' pages, each with its link, its text, a tick and the minutes."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from agents.base.clock import business_day
from agents.base.errors import Conflict, Invalid
from agents.connectors.actions import complete_check_in, confirm_instruction
from agents.fleet.actions import report_kpi
from agents.fleet.enums import Verb
from agents.fleet.models import Instruction, KpiTarget
from agents.fleet.permissions import agents_for
from agents.runs.models import RunException
from campaigns.actions import confirm_manual
from campaigns.models import Delivery
from console.pages.manual.stops import stops
from console.request import PaneRequest


class DoneForm(forms.Form):
    """What was seen there, the minutes it took, and the figure where one was read."""

    evidence = forms.CharField(
        max_length=2000, error_messages={"required": gettext_lazy("Say where you pasted it, or what you saw there.")}
    )
    minutes = forms.IntegerField(min_value=0, max_value=480)
    value = forms.DecimalField(max_digits=18, decimal_places=4, required=False)


def _check_in(row: Any, request: PaneRequest, evidence: str, minutes: int, value: object) -> None:
    complete_check_in(row, actor=request.user, evidence=evidence, minutes=minutes, key=f"round-{row.pk}")


def _pasted(row: Any, request: PaneRequest, evidence: str, minutes: int, value: object) -> None:
    confirm_instruction(row, actor=request.user, evidence=evidence, minutes=minutes)


def _delivered(row: Any, request: PaneRequest, evidence: str, minutes: int, value: object) -> None:
    confirm_manual(row, actor=request.user, evidence=evidence, minutes=minutes)


def _read(row: Any, request: PaneRequest, evidence: str, minutes: int, value: Any) -> None:
    if value is None:
        raise Invalid(_("Give the figure."))
    report_kpi(row, value, actor=request.user, evidence=evidence, minutes=minutes)


Act = Callable[[Any, PaneRequest, str, int, Any], None]
KINDS: dict[str, tuple[type[Any], Act]] = {
    "check_in": (RunException, _check_in),
    "delivery": (Delivery, _delivered),
    "instruction": (Instruction, _pasted),
    "kpi": (KpiTarget, _read),
}


@require_safe
def manual_round(request: PaneRequest) -> HttpResponse:
    """Everything that is left, agent by agent."""
    return _page(request)


@require_POST
def done(request: PaneRequest, kind: str, pk: uuid.UUID) -> HttpResponse:
    """One thing was done by hand; what was typed stays when it is refused."""
    if kind not in KINDS:
        raise Http404
    model, act = KINDS[kind]
    seen = agents_for(request.user, Verb.VIEW).filter(team=request.team)
    row, form = get_object_or_404(model.objects.select_related("agent"), agent__in=seen, pk=pk), DoneForm(request.POST)
    given = {name: request.POST.get(name, "") for name in form.fields}
    if not form.is_valid():
        said = " ".join(str(problem) for problems in form.errors.values() for problem in problems)
        return _page(request, 422, failed={"pk": pk, "problem": said, **given})
    try:
        act(row, request, *(form.cleaned_data[name] for name in ("evidence", "minutes", "value")))
    except (Conflict, Invalid) as error:
        return _page(request, error.status, failed={"pk": pk, "problem": error.message, **given})
    messages.success(request, _("Kept, with what you saw and the minutes."))
    return redirect("manual-round")


def _page(request: PaneRequest, status: int = 200, **said: Any) -> HttpResponse:
    found = stops(request.user, request.team, business_day(timezone.now(), request.user.tzinfo))
    context = {"stops": found, "tasks": sum(len(stop.tasks) for stop in found), **said}
    return render(request, "pages/manual/manual.html", context, status=status)
