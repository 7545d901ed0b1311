"""One agent: how it is, what it did, who answers for it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agents.fleet.models import Agent
from console.pages.agents.fetch import visible
from console.pages.agents.forms import ReasonForm, SeatForm
from console.pages.agents.part_forms import CapForm, FlowForm, KnowledgeForm, KpiForm, ScheduleForm
from console.pages.agents.picture import live_part, picture
from console.pages.agents.second import SecondPersonForm
from console.request import PaneRequest

PAGE = "pages/agents/agent.html"


@require_safe
def agent(request: PaneRequest, slug: str) -> HttpResponse:
    """The page; for htmx only what changes by itself."""
    found = visible(request, slug)
    if request.headers.get("HX-Request"):
        return render(request, f"{PAGE}#now", live_part(found))
    return agent_page(request, found)


def agent_page(request: PaneRequest, agent: Agent, status: int = 200, **given: Any) -> HttpResponse:
    """The page with its forms; one that was refused comes back as typed, with its name and status 422."""
    forms = {
        "seat_form": SeatForm(team=request.team),
        "pause_form": ReasonForm(auto_id="pause_%s"),
        "retire_form": ReasonForm(auto_id="retire_%s"),
        "kpi_form": KpiForm(),
        "schedule_form": ScheduleForm(agent=agent),
        "knowledge_form": KnowledgeForm(),
        "flow_form": FlowForm(agent=agent),
        "cap_form": CapForm(),
        "team_cap_form": CapForm(auto_id="team_%s"),
        "second_form": SecondPersonForm(auto_id="second_%s"),
    }
    response = render(request, PAGE, picture(agent, request.user) | forms | given, status=status)
    response["Vary"] = "HX-Request"
    return response
