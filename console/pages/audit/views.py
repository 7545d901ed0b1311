"""The trail: search it, read each event with its proof, take it along."""

import csv
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from agents.base.personal import still
from agents.fleet.enums import Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import agents_for
from audit.actions import export_csv, export_jsonl
from audit.models import AuditEvent, Seal
from audit.queries import Entry, page, seal_status, search
from console.pages.audit.forms import SearchForm, verb_choices
from console.pages.audit.readers import readable, reads_all
from console.request import PaneRequest

Agents = Mapping[uuid.UUID | None, Agent]
PAGES = {"runs.Run": "run", "runs.RunException": "exception"}
"""Where an object has a page of its own."""


@require_safe
def trail(request: PaneRequest) -> HttpResponse:
    form = SearchForm(request.GET)
    events, agents = _found(request, form), list(_agents(request))
    chosen = form.chosen()
    shown = page(events, before=form.cleaned_data.get("before"))
    context = {
        "form": form,
        "chosen": chosen,
        "rows": rows(shown.entries, agents),
        "older": address({**chosen, "before": str(shown.older)}) if shown.older else "",
        "newest": address({**chosen, "before": ""}) if "before" in chosen else "",
        "seal": seal_status(),
        "verbs": verb_choices(),
        "agents": agents,
        "whole": reads_all(request.user, request.team),
    }
    return render(request, "pages/audit/audit.html", context)


def _agents(request: PaneRequest) -> QuerySet[Agent]:
    return agents_for(request.user, Verb.VIEW).filter(team=request.team).order_by("name")


def _found(request: PaneRequest, form: SearchForm) -> QuerySet[AuditEvent]:
    """What was searched for, within what the person may read. An agent they may not see is one that did nothing."""
    events = search(readable(request.user, request.team), **form.wanted())
    slug = form.cleaned_data.get("agent")
    return events.filter(agent_id__in=_agents(request).filter(slug=slug).values("pk")) if slug else events


@dataclass(frozen=True)
class Shown:
    """An event with what it says, the number of its seal, its agent's name, and the page of what it is about."""

    entry: Entry
    seal: int | None
    agent: Agent | None
    url: str

    @property
    def about(self) -> str:
        """The title of what it is about while that is not erased, else the neutral label."""
        return str((self.entry.said or {}).get("title") or self.entry.event.object_label)


def rows(entries: list[Entry], agents: Iterable[Agent]) -> list[Shown]:
    by_id: Agents = {agent.pk: agent for agent in agents}
    seals = _seals([entry.event for entry in entries])
    return [
        Shown(entry, seals.get(entry.event.pk), by_id.get(entry.event.agent_id), _url(entry.event, by_id))
        for entry in entries
    ]


def _seals(events: list[AuditEvent]) -> dict[uuid.UUID, int]:
    """The number of each event's seal, all in one query; events that wait for theirs are left out."""
    if not events:
        return {}
    xids = [event.xid for event in events]
    seals = list(Seal.objects.defer("leaves").filter(xid_from__lte=max(xids), xid_to__gt=min(xids)))
    return {event.pk: seal.number for event in events for seal in seals if seal.xid_from <= event.xid < seal.xid_to}


def _url(event: AuditEvent, agents: Agents) -> str:
    if event.object_type == "fleet.Agent" and event.object_id in agents:
        return reverse("agent", args=[agents[event.object_id].slug])
    name = PAGES.get(event.object_type)
    return reverse(name, args=[event.object_id]) if name and event.object_id else ""


def address(chosen: dict[str, str]) -> str:
    """The trail with this search."""
    return reverse("audit", query={name: value for name, value in chosen.items() if value})


@require_POST
def export(request: PaneRequest) -> HttpResponseBase:
    """The events of the search as a file, streamed; that it was taken is an event itself."""
    form = SearchForm({**request.POST.dict(), "before": ""})
    events, actor, team = _found(request, form), request.user.actor, request.team.pk
    if request.POST.get("format") == "csv":
        cells = export_csv(events, actor=actor, team_id=team, search=form.chosen())
        return _file(_csv(cells), "text/csv; charset=utf-8", "csv")
    lines = export_jsonl(events, actor=actor, team_id=team, search=form.chosen())
    return _file(lines, "application/jsonl", "jsonl")


class _Echo:
    """Gives the CSV writer's line back instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def _csv(cells: Iterable[list[str | int]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    return (writer.writerow(row) for row in cells)


def _file(lines: Iterator[str], kind: str, suffix: str) -> StreamingHttpResponse:
    name = f"rollcall-trail-{timezone.localdate().isoformat()}.{suffix}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return StreamingHttpResponse(still(_gathered(lines)), content_type=kind, headers=headers)


def _gathered(lines: Iterator[str]) -> Iterator[str]:
    """A hundred at a time: each piece goes from the thread to the client by itself."""
    while some := list(islice(lines, 100)):
        yield "".join(some)
