"""Today: what needs a person, how the fleet is, what it achieved in the night. Counted now; nothing invented."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from agents.runs.actions.deferring import take_back
from agents.runs.queries.deferrals import deferred
from console.fragments import drawn
from console.pages.owners.away import lines
from console.pages.today.achieved import achieved
from console.pages.today.aside import aside
from console.pages.today.morning import last_look, morning
from console.pages.today.rows import rows
from console.request import PaneRequest

AGENT, ACHIEVED = "pages/today/agent.html", "pages/today/achieved.html"


@require_safe
def today(request: PaneRequest) -> HttpResponse:
    """The page; for htmx only what changes by itself."""
    template = "pages/today/today.html" + ("#now" if request.headers.get("HX-Request") else "")
    found = morning(request.user, request.team, last_look(request.session))
    context = {
        "morning": found,
        "today": found.today,
        "rows": [drawn(AGENT, row) for row in rows(found.today.fleet)],
        "achieved": drawn(ACHIEVED, tuple(achieved(found.today.outcomes))),
        "aside": aside(found.today),
        "away": lines(request.user, request.team),
        "put_off": deferred(request.user, request.team),
    }
    response = render(request, template, context)
    response["Vary"] = "HX-Request"
    return response


@require_POST
def take_back_deferred(request: PaneRequest) -> HttpResponse:
    """What had been put off by itself waits again."""
    many = take_back(request.user, request.team)
    said = ngettext("%(n)d item waits again.", "%(n)d items wait again.", many) % {"n": many}
    messages.success(request, said)
    return redirect("today")
