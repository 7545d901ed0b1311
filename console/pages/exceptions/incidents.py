"""The register of incidents and one incident: who leads, what is done, what happened, and the post-mortem."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from agents.fleet.enums import Verb
from agents.runs import actions
from agents.runs.enums import Containment
from agents.runs.models import Incident, RunException
from agents.runs.queries import exceptions_for
from agents.runs.queries.incidents import agents_of, incidents_for, leaders, timeline
from console.forms import accepted, problems_of
from console.pages.exceptions.affected import affected
from console.pages.exceptions.fetch import exception_page
from console.pages.exceptions.incident_forms import (
    ContainForm,
    LeadForm,
    NoteForm,
    OpenForm,
    RateForm,
    ResolveForm,
    TickForm,
)
from console.pages.exceptions.postmortem import postmortem
from console.pages.exceptions.views import render_page
from console.request import PaneRequest

SHOWN = 200


@require_safe
def incidents(request: PaneRequest) -> HttpResponse:
    """The newest first; `?security=1` shows those of security alone."""
    found = incidents_for(request.user).filter(team=request.team)
    security = found.filter(is_security=True)
    only = bool(request.GET.get("security"))
    told = {
        "incidents": (security if only else found).order_by("-number")[:SHOWN],
        "total": found.count(),
        "security": security.count(),
        "only_security": only,
    }
    return render(request, "pages/exceptions/incidents.html", told)


@require_safe
def incident(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    return _page(request, _found(request, pk))


@require_POST
def open_one(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """From an exception, and everything open that is the same again on agents the person may decide about."""
    mine = exceptions_for(request.user).filter(agent__team=request.team).select_related("agent")
    exception = get_object_or_404(mine, pk=pk)
    form = OpenForm(request.POST)
    made: list[Incident] = []
    if accepted(form, lambda: made.append(_open(request, exception, form))):
        return redirect("incident", made[0].pk)
    return render_page(request, exception_page(request, pk), status=422, incident_form=form)


def _open(request: PaneRequest, exception: RunException, form: OpenForm) -> Incident:
    alike = exceptions_for(request.user, Verb.REVIEW).filter(
        agent__team=request.team, fingerprint=exception.fingerprint, state=exception.state, incident=None
    )
    others = list(alike.exclude(pk=exception.pk).select_related("agent")) if form.cleaned_data["alike"] else []
    said = {name: form.cleaned_data[name] for name in ("title", "severity", "is_security")}
    return actions.open_incident([exception, *others], **said, actor=request.user)


@require_POST
def note(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    return _move(request, pk, NoteForm(request.POST), actions.note_incident, "note")


@require_POST
def tick(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    return _move(request, pk, TickForm(request.POST), actions.tick_task, "runbook")


@require_POST
def rate(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    return _move(request, pk, RateForm(request.POST), actions.rate_incident, "rate")


@require_POST
def lead(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    found = _found(request, pk)
    return _move(request, pk, LeadForm(request.POST, people=leaders(found)), actions.lead_incident, "lead")


@require_POST
def contain(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    found = _found(request, pk)
    return _move(request, pk, ContainForm(request.POST, agents=agents_of(found)), actions.contain_incident, "contain")


@require_POST
def resolve(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    unticked = _found(request, pk).tasks.filter(done_at=None).count()
    return _move(request, pk, ResolveForm(request.POST, unticked=unticked), actions.resolve_incident, "resolve")


@require_safe
def download(request: PaneRequest, pk: uuid.UUID) -> HttpResponse:
    """The post-mortem as Markdown."""
    found = _found(request, pk)
    response = HttpResponse(
        postmortem(found, len(affected(found, request.user))), content_type="text/markdown; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="incident-{found.number}.md"'
    return response


@dataclass(frozen=True)
class Refusal:
    """A form that was refused, the `place` on the page where it stands, and why."""

    place: str
    form: forms.Form

    @property
    def why(self) -> str:
        return problems_of(self.form)

    @property
    def typed(self) -> list[str]:
        """The texts in it, for where it stands no more."""
        return [self.form.data[name] for name in ("resolution", "lessons", "undone") if self.form.data.get(name)]


def _move(
    request: PaneRequest, pk: uuid.UUID, form: forms.Form, act: Callable[..., object], place: str
) -> HttpResponse:
    """Does it and goes back to its `place` on the page; or shows the page with why not, there, and what was typed."""
    found = _found(request, pk)
    if accepted(form, lambda: act(found, actor=request.user, **form.cleaned_data)):
        messages.success(request, _("Done."))
        return redirect(f"{reverse('incident', args=[pk])}#{place}")
    return _page(request, _found(request, pk), Refusal(place, form))


def _found(request: PaneRequest, pk: uuid.UUID) -> Incident:
    return get_object_or_404(incidents_for(request.user).filter(team=request.team), pk=pk)


def _page(request: PaneRequest, found: Incident, refused: Refusal | None = None) -> HttpResponse:
    agents = agents_of(found)
    may = incidents_for(request.user, Verb.REVIEW).filter(pk=found.pk).exists()
    tasks = list(found.tasks.select_related("done_by").order_by("place"))
    told = {
        "incident": found,
        "agents": agents,
        "customers": affected(found, request.user),
        "may": may,
        "containments": Containment.choices,
        "exceptions": found.exceptions.select_related("agent").order_by("opened_at"),
        "tasks": tasks,
        "timeline": timeline(found),
        "lead": LeadForm(people=leaders(found), initial={"commander": found.commander_id}) if may else None,
        "rate": RateForm(initial={"severity": found.severity}),
        "resolve": ResolveForm(unticked=sum(task.done_at is None for task in tasks)),
        "note": NoteForm(),
        "refused": refused,
    }
    if refused and refused.place in told:
        told[refused.place] = refused.form
    return render(request, "pages/exceptions/incident.html", told, status=422 if refused else 200)
