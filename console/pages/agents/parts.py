"""What belongs to an agent: what it runs, what it may spend, targets, schedules, knowledge."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from agents.fleet import actions
from agents.fleet.models import Schedule
from agents.flows.actions import equip
from agents.runs import actions as runs
from console.forms import accepted, attempt
from console.pages.agents.fetch import visible
from console.pages.agents.part_forms import CapForm, FlowForm, KnowledgeForm, KpiForm, ScheduleForm
from console.pages.agents.picture import fires
from console.pages.agents.second import SecondPersonForm
from console.pages.agents.views import agent_page
from console.request import PaneRequest


@require_POST
def equip_agent(request: PaneRequest, slug: str) -> HttpResponse:
    """An agent of ours answers tickets from now on, within these limits."""
    agent = visible(request, slug)
    form = FlowForm(request.POST, agent=agent)
    if accepted(form, lambda: equip(agent, actor=request.user, **form.wanted())):
        messages.success(request, _("Saved."))
        return redirect("agent", slug)
    return agent_page(request, agent, 422, flow_form=form)


@require_POST
def set_day_cap(request: PaneRequest, slug: str) -> HttpResponse:
    """What the agent may spend today."""
    agent, form = visible(request, slug), CapForm(request.POST)
    if accepted(form, lambda: runs.set_day_cap(agent, cap_micros=form.cleaned_data["cap"], actor=request.user)):
        messages.success(request, _("Saved."))
        return redirect("agent", slug)
    return agent_page(request, agent, 422, cap_form=form)


@require_POST
def set_team_cap(request: PaneRequest, slug: str) -> HttpResponse:
    """What a day of the agent's whole team may cost."""
    agent, form = visible(request, slug), CapForm(request.POST, auto_id="team_%s")
    if accepted(form, lambda: runs.set_team_cap(agent.team, cap_micros=form.cleaned_data["cap"], actor=request.user)):
        messages.success(request, _("Saved. It holds from the team’s next day on."))
        return redirect("agent", slug)
    return agent_page(request, agent, 422, team_cap_form=form)


@require_POST
def set_second_person(request: PaneRequest, slug: str) -> HttpResponse:
    """Above which amount two people must approve: the lower of the agent's own limit and its team's."""
    agent, form = visible(request, slug), SecondPersonForm(request.POST, auto_id="second_%s")
    if accepted(form, lambda: actions.require_second_person(agent, actor=request.user, **form.wanted())):
        messages.success(request, _("Saved."))
        return redirect("agent", slug)
    return agent_page(request, agent, 422, second_form=form)


@require_POST
def set_target(request: PaneRequest, slug: str) -> HttpResponse:
    agent, form = visible(request, slug), KpiForm(request.POST)
    if accepted(form, lambda: actions.set_kpi_target(agent, actor=request.user, **form.cleaned_data)):
        messages.success(request, _("Saved."))
        return redirect("agent", slug)
    return agent_page(request, agent, 422, kpi_form=form)


@require_POST
def add_schedule(request: PaneRequest, slug: str) -> HttpResponse:
    """Says when it fires next: on a day the clocks change that may not be the hour that was typed."""
    agent = visible(request, slug)
    form = ScheduleForm(request.POST, agent=agent)
    added = None
    if form.is_valid():
        added = attempt(form, lambda: actions.add_schedule(agent, actor=request.user, **form.wanted()))
    if added is None:
        return agent_page(request, agent, 422, schedule_form=form)
    at = next(each for each in fires(agent) if each.schedule == added)
    messages.success(request, _("Next: %(at)s.") % {"at": at.next_at.astimezone(at.zone).strftime("%Y-%m-%d %H:%M %Z")})
    return redirect("agent", slug)


@require_POST
def remove_schedule(request: PaneRequest, slug: str, pk: uuid.UUID) -> HttpResponse:
    schedule = get_object_or_404(Schedule, pk=pk, agent=visible(request, slug))
    actions.remove_schedule(schedule, actor=request.user)
    messages.success(request, _("It fires no more."))
    return redirect("agent", slug)


@require_POST
def add_knowledge(request: PaneRequest, slug: str) -> HttpResponse:
    """A file of the same name replaces the one before."""
    agent, form = visible(request, slug), KnowledgeForm(request.POST, request.FILES)
    if not form.is_valid():
        return agent_page(request, agent, 422, knowledge_form=form)
    source, text = form.cleaned_data["file"]
    passages = attempt(form, lambda: actions.add_knowledge(agent, source=source, text=text, actor=request.user))
    if passages is None:
        return agent_page(request, agent, 422, knowledge_form=form)
    taken = ngettext("%(n)d passage taken in.", "%(n)d passages taken in.", passages) % {"n": passages}
    messages.success(request, taken)
    return redirect("agent", slug)


@require_POST
def remove_knowledge(request: PaneRequest, slug: str) -> HttpResponse:
    actions.remove_knowledge(visible(request, slug), source=request.POST.get("source", ""), actor=request.user)
    messages.success(request, _("The agent no longer finds it."))
    return redirect("agent", slug)
