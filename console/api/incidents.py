"""Incidents: opened from exceptions, noted, contained, resolved; and the ladders of what nobody answers."""

import datetime as dt
import uuid
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from agents.base.errors import Invalid
from agents.runs import actions
from agents.runs.enums import Containment, HandTo, RootCause, Severity
from agents.runs.ladders import Rung
from agents.runs.models import EscalationPolicy, Incident, RunException
from agents.runs.queries import policies
from agents.runs.queries.incidents import agents_of, incidents_for, leaders, timeline
from console.api.access import CONFIGURE, READ, REVIEW, agent_or_404, agents, caller, token_of
from console.api.idempotency import once
from console.api.paging import Page, Paging, newest
from console.pages.exceptions.affected import affected
from console.pages.exceptions.postmortem import postmortem

router = Router(tags=["incidents"])


class TaskOut(Schema):
    """A step of the runbook."""

    place: int
    text: str
    done_at: dt.datetime | None
    done_by: str | None

    @staticmethod
    def resolve_done_by(task: Any) -> str | None:
        return task.done_by.email if task.done_by else None


class IncidentOut(Schema):
    id: uuid.UUID
    number: int
    title: str
    severity: str
    is_security: bool
    state: str
    commander: str = Field(alias="commander.email")
    agents: list[str]
    exceptions: list[uuid.UUID]
    tasks: list[TaskOut]
    opened_at: dt.datetime
    contained_at: dt.datetime | None
    resolved_at: dt.datetime | None
    root_cause: str
    resolution: str
    lessons: str

    @staticmethod
    def resolve_agents(incident: Any) -> list[str]:
        return sorted({each.agent.slug for each in incident.exceptions.all()})

    @staticmethod
    def resolve_exceptions(incident: Any) -> list[uuid.UUID]:
        return [each.pk for each in incident.exceptions.all()]

    @staticmethod
    def resolve_tasks(incident: Any) -> list[Any]:
        return sorted(incident.tasks.all(), key=lambda task: task.place)


class NoteOut(Schema):
    """What somebody wrote down."""

    author: str = Field(alias="author.email")
    at: dt.datetime
    text: str


class MomentOut(Schema):
    """Something that happened: who did what, about what; of a note its `text` instead."""

    at: dt.datetime
    who: str
    what: str
    about: str
    text: str


class IncidentWholeOut(IncidentOut):
    """`notes` and `timeline`: the last `limit` of each, oldest first; `post_mortem` tells all of it, as Markdown."""

    notes: list[NoteOut] = Field(alias="written")
    timeline: list[MomentOut] = Field(alias="moments")
    post_mortem: str = Field(alias="told")


class Latest(Schema):
    limit: int = Field(50, ge=1, le=200)


class IncidentIn(Schema):
    """`exceptions`: the ids of those it begins with; the runbook is that of the first one's kind."""

    model_config = {"extra": "forbid"}

    exceptions: list[uuid.UUID] = Field(min_length=1, max_length=200)
    title: str = Field(min_length=1, max_length=200)
    severity: Severity = Severity.HIGH
    is_security: bool = False


class NoteIn(Schema):
    model_config = {"extra": "forbid"}

    text: str = Field(min_length=1, max_length=10_000)


class SeverityIn(Schema):
    model_config = {"extra": "forbid"}

    severity: Severity


class TickIn(Schema):
    model_config = {"extra": "forbid"}

    done: bool


class LeadIn(Schema):
    """The email of somebody who may decide about one of its agents."""

    model_config = {"extra": "forbid"}

    commander: str = Field(min_length=1, max_length=254)


class ContainmentIn(Schema):
    """The short names of the agents to pause, or whose changes to freeze."""

    model_config = {"extra": "forbid"}

    agents: list[str] = Field(min_length=1, max_length=200)
    by: Containment = Containment.PAUSE


class ResolutionIn(Schema):
    """`undone`: why steps of the runbook that are not ticked stay so; without it an incident with such is refused."""

    model_config = {"extra": "forbid"}

    root_cause: RootCause
    resolution: str = Field(min_length=1, max_length=10_000)
    lessons: str = Field("", max_length=10_000)
    undone: str = Field("", max_length=300)


class RungIn(Schema):
    """`person`: the id of a named person, where one is meant. The others narrow it: to hours and to complex cases."""

    model_config = {"extra": "forbid"}

    after_minutes: int
    to: HandTo
    person: str = ""
    in_hours: bool = False
    least_steps: int = Field(0, ge=0, le=1000)
    least_micros: int = Field(0, ge=0, le=10**15)


class LadderIn(Schema):
    """Of the team, of one of its flows or of one agent. Without steps an agent follows its flow, that its team."""

    model_config = {"extra": "forbid"}

    agent: str = ""
    flow: str = Field("", max_length=60, pattern=r"^[-\w]*$")
    severity: Severity
    steps: list[RungIn] = Field(max_length=8)
    loops: int = 0


class LadderOut(Schema):
    agent: str | None
    flow: str
    severity: str
    number: int
    steps: list[dict[str, Any]]
    loops: int
    created_at: dt.datetime

    @staticmethod
    def resolve_agent(policy: Any) -> str | None:
        return policy.agent.slug if policy.agent else None


def _incidents(request: HttpRequest) -> QuerySet[Incident]:
    found = incidents_for(caller(request)).filter(team=token_of(request).team_id)
    return found.prefetch_related("exceptions__agent", "tasks__done_by")


def _incident(request: HttpRequest, pk: UUID) -> Incident:
    found = _incidents(request).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@router.get("/incidents", response=Page[IncidentOut], auth=READ)
def list_incidents(request: HttpRequest, paging: Query[Paging]) -> dict[str, object]:
    return newest(_incidents(request), paging)


@router.get("/incidents/{uuid:id}", response=IncidentWholeOut, auth=READ)
def get_incident(request: HttpRequest, id: UUID, latest: Query[Latest]) -> Incident:
    """With what was written down and what happened."""
    found: Any = _incident(request, id)
    found.written = found.notes.select_related("author").order_by("-pk")[: latest.limit][::-1]
    found.moments = timeline(found)[-latest.limit :]
    found.told = postmortem(found, len(affected(found, caller(request))))
    return found  # type: ignore[no-any-return]  # with what the answer is drawn from


@router.post("/incidents", response={201: IncidentOut}, auth=REVIEW)
@once
def open_incident(request: HttpRequest, body: IncidentIn) -> Status[IncidentOut]:
    """Everything it begins with has to be the caller's to decide."""
    given = body.model_dump()
    rows = (
        RunException.objects.filter(agent__in=agents(request)).select_related("agent").in_bulk(given.pop("exceptions"))
    )
    if len(rows) < len(set(body.exceptions)):
        raise Http404
    opened = actions.open_incident([rows[pk] for pk in dict.fromkeys(body.exceptions)], **given, actor=caller(request))
    return Status(201, _out(request, opened))


@router.post("/incidents/{uuid:id}/notes", response={201: IncidentOut}, auth=REVIEW)
@once
def note_incident(request: HttpRequest, id: UUID, body: NoteIn) -> Status[IncidentOut]:
    actions.note_incident(_incident(request, id), text=body.text, actor=caller(request))
    return Status(201, _out(request, _incident(request, id)))


@router.put("/incidents/{uuid:id}/severity", response=IncidentOut, auth=REVIEW)
@once
def rate_incident(request: HttpRequest, id: UUID, body: SeverityIn) -> Status[IncidentOut]:
    """It turned out worse or better."""
    actions.rate_incident(_incident(request, id), severity=body.severity, actor=caller(request))
    return Status(200, _out(request, _incident(request, id)))


@router.put("/incidents/{uuid:id}/tasks/{int:place}", response=IncidentOut, auth=REVIEW)
@once
def tick_task(request: HttpRequest, id: UUID, place: int, body: TickIn) -> Status[IncidentOut]:
    """A step of the runbook is done, or not."""
    actions.tick_task(_incident(request, id), place=place, done=body.done, actor=caller(request))
    return Status(200, _out(request, _incident(request, id)))


@router.put("/incidents/{uuid:id}/commander", response=IncidentOut, auth=REVIEW)
@once
def lead_incident(request: HttpRequest, id: UUID, body: LeadIn) -> Status[IncidentOut]:
    """Hands the lead over."""
    found, email = _incident(request, id), body.commander.casefold()
    to = next((person for person in leaders(found) if person.email.casefold() == email), None)
    if to is None:
        said = _("Who leads has to be able to decide about one of its agents.")
        raise Invalid(said, "commander", fields={"commander": [said]})
    actions.lead_incident(found, commander=to, actor=caller(request))
    return Status(200, _out(request, _incident(request, id)))


@router.post("/incidents/{uuid:id}/containment", response=IncidentOut, auth=REVIEW)
@once
def contain_incident(request: HttpRequest, id: UUID, body: ContainmentIn) -> Status[IncidentOut]:
    """Pauses agents of the incident, or freezes what they may change; each needs the right to pause it."""
    found = _incident(request, id)
    known = {agent.slug: agent for agent in agents_of(found)}
    chosen = [known[slug] for slug in body.agents if slug in known]
    actions.contain_incident(found, agents=chosen, by=body.by, actor=caller(request))
    return Status(200, _out(request, _incident(request, id)))


@router.post("/incidents/{uuid:id}/resolution", response=IncidentOut, auth=REVIEW)
@once
def resolve_incident(request: HttpRequest, id: UUID, body: ResolutionIn) -> Status[IncidentOut]:
    actions.resolve_incident(_incident(request, id), **body.model_dump(), actor=caller(request))
    return Status(200, _out(request, _incident(request, id)))


def _out(request: HttpRequest, incident: Incident) -> IncidentOut:
    return IncidentOut.from_orm(_incident(request, incident.pk))


@router.get("/escalation-policies", response=Page[LadderOut], auth=READ)
def list_escalation_policies(request: HttpRequest, paging: Query[Paging]) -> dict[str, object]:
    """Every version, newest first; of a team, an agent and a severity the highest number is in force."""
    return newest(policies(token_of(request).team), paging)


@router.post("/escalation-policies", response={201: LadderOut}, auth=CONFIGURE)
@once
def set_escalation_policy(request: HttpRequest, body: LadderIn) -> Status[LadderOut]:
    policy: EscalationPolicy = actions.set_escalation_policy(
        token_of(request).team,
        severity=body.severity,
        rungs=[Rung(**step.model_dump()) for step in body.steps],
        loops=body.loops,
        agent=agent_or_404(request, body.agent) if body.agent else None,
        flow=body.flow,
        actor=caller(request),
    )
    return Status(201, LadderOut.from_orm(policy))
