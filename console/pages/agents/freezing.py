"""Everything that is frozen, and the freeze of every agent of the team at once."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agents.fleet import actions
from agents.fleet.queries.freezes import freezes_for
from agents.people.permissions import holds
from console.forms import accepted
from console.pages.agents.forms import ReasonForm
from console.request import PaneRequest


@require_safe
def freezes(request: PaneRequest) -> HttpResponse:
    return _page(request)


@require_POST
def freeze(request: PaneRequest) -> HttpResponse:
    form = ReasonForm(request.POST)
    if accepted(form, lambda: actions.freeze_team(request.team, actor=request.user, **form.cleaned_data)):
        messages.success(request, _("Frozen: no agent changes anything from now on."))
        return redirect("freezes")
    return _page(request, 422, form=form)


@require_POST
def thaw(request: PaneRequest) -> HttpResponse:
    actions.thaw_team(request.team, actor=request.user)
    messages.success(request, _("They may change things again, but for those frozen by themselves."))
    return redirect("freezes")


def _page(request: PaneRequest, status: int = 200, **given: Any) -> HttpResponse:
    found = list(freezes_for(request.user, request.team))
    told = {
        "freezes": found,
        "whole": any(each.agent_id is None for each in found),
        "may": holds(request.user, request.team.pk, actions.TEAM_FREEZERS),
        "form": ReasonForm(),
    }
    return render(request, "pages/agents/freezes.html", told | given, status=status)
