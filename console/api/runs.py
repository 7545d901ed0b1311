"""Runs: give an agent a ticket or many, see what it did, pause, resume, cancel, release, run again."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import ValidationError

from agents.base.errors import NotAllowed, Refused
from agents.fleet.models import Agent
from agents.people.models import User
from agents.runs import actions
from agents.runs.actions.lane import HAS_COME, wait_for
from agents.runs.enums import Queue, RunState
from agents.runs.inputs import owed_by, ticket_input
from agents.runs.models import Run, Step
from console.api.access import READ, REVIEW, RUNS, agent_or_404, agents, caller
from console.api.body import refuse_unstorable, unstorable
from console.api.idempotency import once
from console.api.paging import Page, Paging, newest
from console.api.problems import of_refusal, of_validation
from console.api.run_schemas import AskIn, BatchIn, BatchOut, RunDetailOut, RunIn, RunOut
from console.api.schemas import NoteIn, ReasonIn

router = Router(tags=["runs"])


class RunFilter(Schema):
    agent: str = ""
    state: RunState | None = None


def _runs(request: HttpRequest) -> QuerySet[Run]:
    return Run.objects.filter(agent__in=agents(request)).select_related("agent")


def _run_or_404(request: HttpRequest, id: UUID) -> Run:
    run = _runs(request).filter(pk=id).first()
    if run is None:
        raise Http404
    return run


@router.get("/runs", response=Page[RunOut], auth=READ)
def list_runs(request: HttpRequest, paging: Query[Paging], where: Query[RunFilter]) -> dict[str, object]:
    rows = _runs(request)
    if where.agent:
        rows = rows.filter(agent__slug=where.agent)
    if where.state:
        rows = rows.filter(state=where.state)
    return newest(rows, paging)


@router.get("/runs/{uuid:id}", response=RunDetailOut, auth=READ)
def get_run(request: HttpRequest, id: UUID) -> Run:
    """With every step: what went in, what came out, what it cost, and why."""
    run = _runs(request).prefetch_related(Prefetch("steps", Step.objects.order_by("seq"))).filter(pk=id).first()
    if run is None:
        raise Http404
    return run


@router.post("/agents/{slug:slug}/runs", response={201: RunOut}, auth=RUNS)
@once
def start_run(request: HttpRequest, slug: str, body: RunIn) -> Status[RunOut]:
    """Queue one ticket for an agent of ours. It is kept when this answers; the same `external_id` is the same run."""
    return Status(201, RunOut.from_orm(_start(agent_or_404(request, slug), body, caller(request))))


@router.post("/agents/{slug:slug}/answers", response={200: RunOut, 202: RunOut}, auth=RUNS)
def answer_ticket(request: HttpRequest, slug: str, body: AskIn) -> Status[RunOut]:
    """Runs one ticket while the caller waits: 200 with its result, or 202 with a run that is queued or under way.

    202 also while as many callers wait as may. Nothing is lost then: ask for the run, or send the same `external_id`,
    which an Idempotency-Key stands for where there is none.
    """
    ticket = RunIn(**body.model_dump(exclude={"within_s"}), queue=Queue.URGENT)
    ticket.external_id = ticket.external_id or request.headers.get("Idempotency-Key")
    run = wait_for(_start(agent_or_404(request, slug), ticket, caller(request)).pk, body.within_s)
    return Status(200 if run.state in HAS_COME else 202, RunOut.from_orm(run))


@router.post("/agents/{slug:slug}/runs:batch", response=BatchOut, auth=RUNS)
@once
def start_runs(request: HttpRequest, slug: str, body: BatchIn) -> Status[BatchOut]:
    """Queue up to 500 tickets at once. A bad one is named in its place and does not sink the others."""
    agent, actor = agent_or_404(request, slug), caller(request)
    with transaction.atomic():
        results = [_report(index, agent, given, actor) for index, given in enumerate(body.items)]
    started = sum("run" in result for result in results)
    answer = {"started": started, "refused": len(results) - started, "results": results}
    return Status(200, BatchOut.model_validate(answer))


def _report(index: int, agent: Agent, given: Any, actor: User) -> dict[str, object]:
    try:
        with transaction.atomic():
            refuse_unstorable(unstorable(given))
            return {"index": index, "status": 201, "run": _start(agent, RunIn.model_validate(given), actor)}
    except NotAllowed:
        raise
    except ValidationError as error:
        problem = of_validation(error.errors(include_url=False))
    except Refused as refusal:
        problem = of_refusal(refusal)
    return {"index": index, "status": problem.status, "problem": problem}


def _start(agent: Agent, ticket: RunIn, actor: User) -> Run:
    return actions.start_run(
        agent,
        actor=actor,
        input=ticket_input(ticket.text, ticket.customer, ticket.channel),
        title=ticket.title or ticket.text[:80],
        external_id=ticket.external_id,
        queue=ticket.queue,
        answer_by=owed_by(ticket.sla_minutes),
    )


def _act(request: HttpRequest, id: UUID, act: Callable[..., Run], **how: str) -> Status[RunOut]:
    return Status(200, RunOut.from_orm(act(_run_or_404(request, id), actor=caller(request), **how)))


@router.post("/runs/{uuid:id}/pause", response=RunOut, auth=RUNS)
@once
def pause_run(request: HttpRequest, id: UUID) -> Status[RunOut]:
    """At once, or at its next step while a worker has it."""
    return _act(request, id, actions.pause_run)


@router.post("/runs/{uuid:id}/resume", response=RunOut, auth=RUNS)
@once
def resume_run(request: HttpRequest, id: UUID) -> Status[RunOut]:
    return _act(request, id, actions.resume_run)


@router.post("/runs/{uuid:id}/cancel", response=RunOut, auth=RUNS)
@once
def cancel_run(request: HttpRequest, id: UUID, body: ReasonIn) -> Status[RunOut]:
    """For good. What it asked of people is closed."""
    return _act(request, id, actions.cancel_run, reason=body.reason)


@router.post("/runs/{uuid:id}/release", response=RunOut, auth=RUNS)
@once
def release_run(request: HttpRequest, id: UUID) -> Status[RunOut]:
    """Three more attempts for a run in quarantine."""
    return _act(request, id, actions.release_quarantine)


@router.post("/runs/{uuid:id}/wrong", response=RunOut, auth=REVIEW)
@once
def mark_wrong(request: HttpRequest, id: UUID, body: NoteIn) -> Status[RunOut]:
    """A person says that a finished run was wrong, and why. When a batch had approved it, that is an escape."""
    return _act(request, id, lambda run, **how: actions.mark_wrong(run, **how).run, note=body.note)


@router.post("/runs/{uuid:id}/rerun", response={201: RunOut}, auth=RUNS)
@once
def rerun(request: HttpRequest, id: UUID) -> Status[RunOut]:
    """The same input as a new run."""
    return Status(201, _act(request, id, actions.rerun).value)
