"""A run walked again on its recorded results, and beside what was started again after it."""

import uuid
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from agents.base.errors import Invalid
from agents.runs.models import Run
from agents.runs.queries import runs_for
from agents.runs.queries.compare import compared
from agents.runs.replay import replayed
from console.pages.runs.views import run_or_404
from console.request import PaneRequest

SAID = {
    "flow": _("the flow was changed"),
    "input": _("it would be given something else"),
    "output": _("its parts come to something else"),
    "skipped": _("it would not be made"),
    "new": _("it would be made, and was not"),
    "end": _("the run ends otherwise"),
}
CHANGED = {
    "state": _("state"),
    "input": _("input"),
    "output": _("output"),
    "error": _("error"),
    "model": _("model"),
    "prompt_version": _("prompt"),
}


@require_safe
def replay(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """Computed at each look: it takes no call and writes nothing."""
    run = run_or_404(request, pk)
    context: dict[str, Any] = {"run": run, "kin": list(_kin(request, run)), **_replayed(run)}
    return render(request, "pages/runs/replay.html", context | _beside(request.GET.get("with", ""), context))


def _replayed(run: Run) -> dict[str, Any]:
    try:
        found = replayed(run)
    except Invalid as refused:
        return {"refused": refused.message}
    return {"replay": found, "differences": [(one, SAID[one.what]) for one in found.differences]}


def _kin(request: PaneRequest, run: Run) -> QuerySet[Run]:
    """The run that it repeats, its repetitions, and the others of the run it repeats."""
    again = Q(rerun_of=run) | (Q(pk=run.rerun_of_id) | Q(rerun_of=run.rerun_of_id) if run.rerun_of_id else Q())
    return (
        runs_for(request.user).filter(again, agent__team=request.team).exclude(pk=run.pk).order_by("created_at", "pk")
    )


def _beside(wanted: str, context: dict[str, Any]) -> dict[str, Any]:
    """The run that was asked for, else the latest; nothing where there is no other."""
    kin, run = context["kin"], context["run"]
    if not kin:
        return {}
    other = next((one for one in kin if str(one.pk) == wanted), kin[-1])
    pairs = compared(list(run.steps.order_by("seq")), list(other.steps.order_by("seq")))
    rows = [(pair, [CHANGED[name] for name in pair.changed]) for pair in pairs]
    return {"other": other, "rows": rows, "alike": sum(pair.same for pair in pairs)}
