"""One run: what happened, and what a person may do with it."""

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agents.base.errors import Conflict, Invalid
from agents.channels.actions import rate
from agents.channels.enums import Survey
from agents.flows.terms import terms_beside
from agents.runs import actions
from agents.runs.models import Run
from agents.runs.queries import runs_for
from console.forms import attempt
from console.pages.runs.detail import detail
from console.pages.runs.forms import CancelForm, KeyForm, RatingForm, WrongForm
from console.request import PaneRequest


@require_safe
def run(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """The page; for htmx only the part that changes while it runs."""
    return _page(request, pk)


def _page(request: PaneRequest, pk: uuid.UUID, status: int = 200, **said: object) -> HttpResponse:
    page = detail(request.user, run_or_404(request, pk), _number(request.GET.get("from", "")))
    template = "pages/runs/run.html" + ("#live" if request.headers.get("HX-Request") else "")
    response = render(request, template, {"page": page, "run": page.run, "rating": RatingForm(), **said}, status=status)
    response["Vary"] = "HX-Request"
    return response


def _number(text: str) -> int | None:
    """A step's number as an address names it; whatever else stands there asks for none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def run_or_404(request: PaneRequest, pk: uuid.UUID) -> Run:
    runs = runs_for(request.user).filter(agent__team=request.team)
    found = runs.select_related(
        "agent", "started_by", "instruction", "rerun_of", "schedule", "flaw__person", *terms_beside("flow_version__")
    ).filter(pk=pk)
    if (run := found.first()) is None:
        raise Http404
    return run


@require_POST
def again(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    started = actions.rerun(run_or_404(request, pk), actor=request.user, key=KeyForm(request.POST).value())
    messages.success(request, _("Started again with the same input."))
    return redirect("run", pk=started.pk)


@require_POST
def pause(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    return _act(request, pk, actions.pause_run, _("Paused: it goes no further than its next step."))


@require_POST
def resume(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    return _act(request, pk, actions.resume_run, _("Resumed."))


@require_POST
def cancel(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    form = CancelForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Say why in at most 300 characters."))
    return _act(request, pk, actions.cancel_run, _("Cancelled."), reason=form.cleaned_data["reason"])


@require_POST
def release(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    return _act(request, pk, actions.release_quarantine, _("Released: it has three more attempts."))


@require_POST
def wrong(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """A person says that the run was wrong."""
    found, form = run_or_404(request, pk), WrongForm(request.POST)
    note = form.cleaned_data["note"] if form.is_valid() else request.POST.get("note", "")
    try:
        actions.mark_wrong(found, actor=request.user, note=note)
    except (Conflict, Invalid) as error:
        return _page(request, pk, error.status, problem=error.message, note=note)
    messages.success(request, _("Kept: this run was wrong."))
    return redirect("run", pk=pk)


def _act(request: PaneRequest, pk: uuid.UUID, act: Callable[..., Run], said: str, **how: str) -> HttpResponse:
    act(run_or_404(request, pk), actor=request.user, **how)
    messages.success(request, said)
    return redirect("run", pk=pk)


@require_POST
def rated(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """A person keeps what the customer answered."""
    found, form = run_or_404(request, pk), RatingForm(request.POST)
    if form.is_valid() and attempt(form, lambda: _rate(request, found, form)) is not None:
        messages.success(request, _("Kept."))
        return redirect("run", pk=pk)
    return _page(request, pk, 422, rating=form)


def _rate(request: PaneRequest, run: Run, form: RatingForm) -> object:
    survey, score = Survey(form.cleaned_data["survey"]), form.cleaned_data["score"]
    return rate(run, actor=request.user, survey=survey, score=score)
