"""An agent's definition: added, and edited without overwriting somebody else's edit."""

from django.contrib import messages
from django.forms import model_to_dict
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from agents.base.errors import Conflict, NotAllowed
from agents.fleet import actions
from agents.fleet.enums import OwnerRole, Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import require, require_creator
from agents.fleet.queries import onboarding_load
from console.forms import attempt
from console.pages.agents.fetch import visible
from console.pages.agents.forms import EditForm, NewAgentForm
from console.request import PaneRequest


@require_http_methods(["GET", "POST"])
def new(request: PaneRequest) -> HttpResponse:
    require_creator(request.user, request.team)
    initial = {"currency": request.team.currency, "language": request.user.language, "primary": request.user.pk}
    form = NewAgentForm(request.POST or None, team=request.team, initial=initial)
    if form.is_valid() and (agent := attempt(form, lambda: _create(request, form))):
        messages.success(request, _("%(agent)s is in onboarding.") % {"agent": agent})
        return redirect("agent", agent.slug)
    context = {"form": form, "load": onboarding_load(request.team)}
    return render(request, "pages/agents/new.html", context, status=422 if form.is_bound else 200)


def _create(request: PaneRequest, form: NewAgentForm) -> Agent:
    given = dict(form.cleaned_data)
    reason = given.pop("reason", "")
    for name in (OwnerRole.PRIMARY, OwnerRole.SECOND):
        given.pop(name.value)
    return actions.create_agent(request.team, actor=request.user, owners=form.owners(), override_reason=reason, **given)


@require_http_methods(["GET", "POST"])
def edit(request: PaneRequest, slug: str) -> HttpResponse:
    agent = visible(request, slug)
    require(request.user, agent, Verb.CONFIGURE)
    form = EditForm(request.POST or None, initial=model_to_dict(agent))
    if not form.is_valid():
        return _edit_page(request, agent, form, 422 if form.is_bound else 200)
    profile = {name: form.cleaned_data[name] for name in actions.PROFILE}
    version = form.cleaned_data["version"]
    try:
        saved = attempt(
            form,
            lambda: actions.edit_agent(agent, actor=request.user, version=version, **profile),
            through=(NotAllowed, Conflict),
        )
    except Conflict:
        return _conflict(request, visible(request, slug), form)
    if saved is None:
        return _edit_page(request, agent, form, 422)
    messages.success(request, _("Saved."))
    return redirect("agent", slug)


def _edit_page(request: PaneRequest, agent: Agent, form: EditForm, status: int) -> HttpResponse:
    return render(request, "pages/agents/edit.html", {"agent": agent, "form": form}, status=status)


def _conflict(request: PaneRequest, agent: Agent, form: EditForm) -> HttpResponse:
    """Both texts side by side; nothing is overwritten until the person says which one stays."""
    theirs = EditForm(initial=model_to_dict(agent))
    differing = [
        {"label": field.label, "mine": form[name].value(), "theirs": theirs[name].value()}
        for name, field in form.fields.items()
        if name != "version" and str(form[name].value() or "") != str(theirs[name].value() or "")
    ]
    mine = {name: form[name].value() for name in form.fields} | {"version": agent.version}
    context = {"agent": agent, "form": EditForm(initial=mine), "differing": differing}
    return render(request, "pages/agents/edit.html", context, status=409)
