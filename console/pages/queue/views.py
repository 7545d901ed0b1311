"""The queue: what needs a person, grouped by agent, worst first; and the minutes it takes."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from agents.fleet.enums import Verb
from agents.fleet.permissions import agents_for
from agents.runs.actions import note_activity
from agents.runs.actions.rules import AS_RULE
from agents.runs.queries import Need, pooled, trust
from agents.runs.queries import queue as whole
from agents.runs.queries.rules import to_approve
from agents.runs.queries.undoable import undoable
from console.fragments import drawn
from console.kpis.trust import said
from console.pages.agents.fetch import visible
from console.pages.queue.narrowing import narrowed
from console.pages.queue.rows import Writer
from console.request import PaneRequest, with_messages

PAGE = "pages/queue/queue.html"
OPENED = ("detail", "helped")
"""What is opened, and the part of it that reads itself again while an agent works on it."""
LOUD, QUIET = "pages/queue/group.html", "pages/queue/quiet_agent.html"


class BeatForm(forms.Form):
    """An open page says that its person is active."""

    agent = forms.SlugField(max_length=60)
    seconds = forms.IntegerField(min_value=1, max_value=60)


@require_safe
def queue(request: PaneRequest) -> HttpResponse:
    """The list; for htmx only its rows."""
    return queue_page(request)


@require_POST
def activity(request: PaneRequest) -> HttpResponse:
    """Counts active seconds on an agent; a damaged beat counts nothing."""
    form = BeatForm(request.POST)
    if form.is_valid():
        note_activity(request.user, visible(request, form.cleaned_data["agent"]), form.cleaned_data["seconds"])
    return HttpResponse(status=204)


def queue_page(request: PaneRequest, detail: str = "", status: int = 200, **shown: Any) -> HttpResponse:
    """The list, beside it what is opened (`detail`, a template, drawn with `shown`); for htmx the part it asked for."""
    wanted = part(request)
    if wanted == "detail" and detail:
        return answered(render(request, detail, shown, status=status))
    chosen = narrowed(request)
    found, writer = (
        whole(request.user, request.team, chosen.need, chosen.only),
        Writer(chosen.query, shown.get("open_row")),
    )
    mine = agents_for(request.user, Verb.REVIEW).filter(team=request.team)
    known = trust([group.agent.pk for group in found.quiet])
    context = {
        "queue": found,
        "reviews_none": not found.groups and not mine.exists(),
        "loud": [drawn(LOUD, writer.block(group)) for group in found.loud],
        "quiet": [drawn(QUIET, writer.block(group, known[group.agent.pk])) for group in found.quiet],
        "trust": said(pooled(known.values())),
        "undoable": undoable(request.user, request.team),
        "as_rule": AS_RULE,
        "to_approve": to_approve(request.user, request.team),
        "alone": bool(wanted),
        "need": chosen.need,
        "needs": Need.choices,
        "query": chosen.query,
        "here": reverse("queue") + chosen.query,
        "detail": detail,
        **shown,
    }
    return answered(render(request, PAGE + ("#rows" if wanted else ""), context, status=status))


def part(request: PaneRequest) -> str:
    """Which region htmx asked for; empty for the whole page, which the way back in a browser's history wants too."""
    if not request.headers.get("HX-Request") or request.headers.get("HX-History-Restore-Request"):
        return ""
    return "detail" if request.headers.get("HX-Target") in OPENED else "rows"


def answered(response: HttpResponse) -> HttpResponse:
    response["Vary"] = "HX-Request, HX-Target"
    return response


def moved_on(request: PaneRequest, *rows: str) -> HttpResponse:
    """To the next row: the script opens it when it hears what was decided; without one, the list begins with it."""
    if not request.headers.get("HX-Request"):
        response = HttpResponse(status=302)
        response["Location"] = reverse("queue") + narrowed(request).query
        return response
    response = HttpResponse(status=204)
    return with_messages(request, response, decided={"rows": rows})
