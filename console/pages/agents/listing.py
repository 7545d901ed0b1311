"""The fleet: every agent the person may see, worst first."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agents.fleet.enums import Function, Lifecycle, Observed, Vendor
from agents.fleet.queries import fleet
from agents.people.queries import members
from console.pages.agents.forms import FilterForm
from console.pages.agents.queries import listing, state_figures, with_activity
from console.request import PaneRequest

PAGE = 50


@require_safe
def agents(request: PaneRequest) -> HttpResponse:
    """The list; for htmx only its rows and figures."""
    chosen = FilterForm(request.GET).chosen()
    found = fleet(request.user, **chosen).filter(team=request.team)
    page = Paginator(with_activity(found), PAGE).get_page(request.GET.get("page"))
    every_state = fleet(request.user, **{**chosen, "state": ""}).filter(team=request.team)
    context = {
        "page": page,
        "chosen": chosen,
        "here": listing(chosen),
        "figures": state_figures(every_state, chosen),
        "choices": {"state": Observed, "lifecycle": Lifecycle, "vendor": Vendor, "function": Function},
        "owners": members(request.team),
    }
    template = "pages/agents/agents.html" + ("#fleet" if request.headers.get("HX-Request") else "")
    response = render(request, template, context)
    response["Vary"] = "HX-Request"
    return response
