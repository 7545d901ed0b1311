"""Where an agent stands: one button a transition."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agents.base.errors import Conflict, Invalid
from agents.fleet import actions
from console.forms import accepted
from console.pages.agents.fetch import visible
from console.pages.agents.forms import ReasonForm
from console.pages.agents.views import agent_page
from console.request import PaneRequest


@require_POST
def live(request: PaneRequest, slug: str) -> HttpResponse:
    agent = visible(request, slug)
    try:
        actions.go_live(agent, actor=request.user)
    except (Conflict, Invalid) as refusal:
        return agent_page(request, agent, refusal.status, refusal=refusal.message)
    messages.success(request, _("%(agent)s is live.") % {"agent": agent})
    return redirect("agent", slug)


@require_POST
def resume(request: PaneRequest, slug: str) -> HttpResponse:
    agent = visible(request, slug)
    try:
        actions.resume_agent(agent, actor=request.user)
    except (Conflict, Invalid) as refusal:
        return agent_page(request, agent, refusal.status, refusal=refusal.message)
    messages.success(request, _("%(agent)s works again.") % {"agent": agent})
    return redirect("agent", slug)


@require_POST
def pause(request: PaneRequest, slug: str) -> HttpResponse:
    """What runs stops at its next step; nothing new starts."""
    agent, form = visible(request, slug), ReasonForm(request.POST, auto_id="pause_%s")
    if accepted(form, lambda: actions.pause_agent(agent, actor=request.user, **form.cleaned_data)):
        messages.success(request, _("%(agent)s is paused.") % {"agent": agent})
        return redirect("agent", slug)
    return agent_page(request, agent, 422, pause_form=form)


@require_POST
def retire(request: PaneRequest, slug: str) -> HttpResponse:
    """For good: it keeps its past and never runs again."""
    agent, form = visible(request, slug), ReasonForm(request.POST, auto_id="retire_%s")
    if accepted(form, lambda: actions.retire_agent(agent, actor=request.user, **form.cleaned_data)):
        messages.success(request, _("%(agent)s is retired.") % {"agent": agent})
        return redirect("agent", slug)
    return agent_page(request, agent, 422, retire_form=form)
