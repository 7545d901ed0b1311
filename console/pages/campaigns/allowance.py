"""What one agent has been told, and how much of a campaign it takes."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agents.fleet.enums import Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import agents_for, require
from campaigns import actions
from campaigns.models import ContextAllowance
from campaigns.queries import context_held
from console.forms import accepted
from console.pages.agents.fetch import visible
from console.pages.campaigns.forms import AllowanceForm
from console.request import PaneRequest


@require_http_methods(["GET", "POST"])
def context(request: PaneRequest, slug: str) -> HttpResponse:
    agent = visible(request, slug)
    if request.method == "POST":
        require(request.user, agent, Verb.CONFIGURE)
    allowance = ContextAllowance.objects.filter(agent=agent).first() or ContextAllowance(agent=agent)
    initial = {"budget": allowance.budget, "topics": allowance.topics, "shape": allowance.shape, "tone": allowance.tone}
    form = AllowanceForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and accepted(form, lambda: _set(agent, form, request)):
        messages.success(request, _("Saved."))
        return redirect("agent-context", slug)
    may = agents_for(request.user, Verb.CONFIGURE).filter(pk=agent.pk).exists()
    told = {"agent": agent, "held": context_held([agent]), "form": form, "may": may}
    return render(request, "pages/campaigns/context.html", told, status=422 if form.is_bound else 200)


def _set(agent: Agent, form: AllowanceForm, request: PaneRequest) -> ContextAllowance:
    return actions.set_allowance(agent, actor=request.user, **form.cleaned_data)
