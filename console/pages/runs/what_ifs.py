"""What a run would come to today: asked for with a button, shown step by step beside what it came to then."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from agents.base.errors import Refused
from agents.fleet.enums import Verb
from agents.fleet.permissions import verbs_on
from agents.runs import actions
from agents.runs.budgets import day_budget
from agents.runs.models import Run, WhatIf
from agents.runs.queries.what_ifs import newest, sides
from console.pages.runs.again import CHANGED
from console.pages.runs.views import run_or_404
from console.request import PaneRequest


@require_http_methods(["GET", "HEAD", "POST"])
def what_if(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """The page; a POST asks. For htmx only the part that changes while it is walked."""
    run = run_or_404(request, pk)
    if request.method != "POST":
        return _page(request, run)
    try:
        actions.ask_what_if(run, actor=request.user)
    except Refused as refused:
        if refused.status == 403:
            raise
        return _page(request, run, refused.status, problem=refused.message)
    return redirect("run-what-if", pk=run.pk)


def _page(request: PaneRequest, run: Run, status: int = 200, **said: object) -> HttpResponse:
    found = list(newest(run))
    wanted = request.GET.get("id", "")
    shown = next((one for one in found if str(one.pk) == wanted), found[0] if found else None)
    template = "pages/runs/what_if.html" + ("#walked" if request.headers.get("HX-Request") else "")
    context = {"run": run, "found": found, "shown": shown, **_asking(request, run), **_beside(shown), **said}
    response = render(request, template, context, status=status)
    response["Vary"] = "HX-Request"
    return response


def _asking(request: PaneRequest, run: Run) -> dict[str, Any]:
    """What it may cost, and what the day has left, for who may ask."""
    held = getattr(run.agent, "assignment", None)
    if not held or run.source or not run.is_over or Verb.INSTRUCT not in verbs_on(request.user, run.agent):
        return {}
    day = day_budget(run.agent)
    used = day.spent_micros + day.reserved_micros + day.overrun_micros if day else 0
    return {"most": held.run_cap_micros, "left": max(day.cap_micros - used, 0) if day else None}


def _beside(shown: WhatIf | None) -> dict[str, Any]:
    if shown is None or not shown.finished_at:
        return {}
    pairs = sides(shown)
    return {
        "rows": [(pair, [CHANGED[name] for name in pair.changed]) for pair in pairs],
        "alike": sum(pair.same for pair in pairs),
        "thought": next((pair for pair in reversed(pairs) if pair.now and pair.now.model), None),
    }
