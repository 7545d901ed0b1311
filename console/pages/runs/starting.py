"""Giving an agent of ours work: one ticket by form, or many by file, previewed and then taken in whole."""

import uuid

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from agents.fleet.enums import Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import agents_for, require
from agents.people.models import User
from agents.runs.actions import start_run
from agents.runs.inputs import owed_by, ticket_input
from agents.runs.models import Run
from console.forms import ConfirmForm, FileForm, attempt, encoded
from console.pages.runs.forms import TicketForm
from console.pages.runs.tickets import LARGEST, Parsed, Ticket, parse
from console.request import PaneRequest

BATCH = "batch"
"""`Run.subject_type` of the tickets of one file."""


@require_http_methods(["GET", "POST"])
def new(request: PaneRequest, slug: str) -> HttpResponse:
    """The page; or one ticket, started."""
    agent = _agent(request, slug)
    if request.method == "GET":
        return _page(request, agent, TicketForm())
    form = TicketForm(request.POST)
    run = attempt(form, lambda: _start(agent, form, request.user)) if form.is_valid() else None
    return redirect("run", pk=run.pk) if run else _page(request, agent, form, status=422)


def _agent(request: PaneRequest, slug: str) -> Agent:
    agent = get_object_or_404(agents_for(request.user, Verb.VIEW), team=request.team, slug=slug)
    require(request.user, agent, Verb.INSTRUCT)
    return agent


def _page(
    request: PaneRequest, agent: Agent, form: TicketForm, file_form: FileForm | None = None, *, status: int = 200
) -> HttpResponse:
    context = {"agent": agent, "form": form, "file_form": file_form or FileForm()}
    return render(request, "pages/runs/new.html", context, status=status)


def _start(agent: Agent, form: TicketForm, actor: User) -> Run:
    given = form.cleaned_data
    return start_run(
        agent,
        actor=actor,
        input=ticket_input(given["text"], given["customer"], given["channel"]),
        title=given["title"] or " ".join(given["text"].split())[:80],
        external_id=form.external(),
        queue=given["queue"],
        answer_by=owed_by(given["sla_minutes"]),
    )


@require_POST
def preview(request: PaneRequest, slug: str) -> HttpResponse:
    """What the file holds and what is wrong with it; nothing is started yet."""
    agent, form = _agent(request, slug), FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, agent, TicketForm(), form, status=422)
    return _preview(request, agent, parse(form.read(LARGEST)))


def _preview(request: PaneRequest, agent: Agent, parsed: Parsed) -> HttpResponse:
    known = _known(agent, parsed.tickets)
    context = {"agent": agent, "parsed": parsed, "known": known, "csv": encoded(parsed.text.encode())}
    return render(request, "pages/runs/preview.html", context, status=422 if parsed.problems else 200)


def _known(agent: Agent, tickets: list[Ticket]) -> set[str]:
    """The external ids that are runs already."""
    ids = [ticket.external_id for ticket in tickets]
    found = Run.objects.filter(agent=agent, external_id__in=ids).values_list("external_id", flat=True)
    return {str(known) for known in found}


@require_POST
def take_in(request: PaneRequest, slug: str) -> HttpResponse:
    """All of the previewed file or nothing; what was there already stays as it is."""
    agent = _agent(request, slug)
    parsed = parse(ConfirmForm(request.POST).sent()["csv"])
    if parsed.problems:
        return _preview(request, agent, parsed)
    before = len(_known(agent, parsed.tickets))
    batch = start_all(agent, parsed, request.user)
    started = len(parsed.tickets) - before
    messages.success(request, ngettext("%d ticket started.", "%d tickets started.", started) % started)
    if before:
        messages.info(request, ngettext("%d was there already.", "%d were there already.", before) % before)
    return redirect(reverse("runs", query={"batch": str(batch)}))


@transaction.atomic
def start_all(agent: Agent, parsed: Parsed, actor: User) -> uuid.UUID:
    """Start every ticket of a file. The same file again for the same agent is the same batch."""
    batch = uuid.uuid5(agent.pk, parsed.sha256)
    for ticket in parsed.tickets:
        start_run(
            agent,
            actor=actor,
            input=ticket_input(ticket.text, ticket.customer, ticket.channel),
            title=ticket.title,
            external_id=ticket.external_id,
            answer_by=owed_by(ticket.sla_minutes),
            subject=(BATCH, batch),
        )
    return batch
