"""Runs: give an agent a ticket, see what it did, pause, resume, cancel, run again."""

from collections.abc import Callable

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema

from agents.base.errors import NotAllowed
from agents.fleet.enums import Verb
from agents.runs import actions
from agents.runs.enums import RunState
from agents.runs.models import Run
from console.api.access import READ, RUNS, agent_or_404, agents, as_uuid, caller
from console.api.idempotency import once
from console.api.paging import Page, Paging, page
from console.api.schemas import ReasonIn, RunDetailOut, RunIn, RunOut

router = Router(tags=["runs"])


class RunFilter(Schema):
    agent: str = ""
    state: RunState | None = None


def _runs(request: HttpRequest) -> QuerySet[Run]:
    return Run.objects.filter(agent__in=agents(request)).select_related("agent")


def _run_or_404(request: HttpRequest, id: str, verb: Verb = Verb.VIEW) -> Run:
    run = _runs(request).filter(pk=as_uuid(id)).first()
    if run is None:
        raise Http404
    if not agents(request, verb).filter(pk=run.agent_id).exists():
        raise NotAllowed("You may see this run but not do this with it.", code="verb")
    return run


@router.get("/runs", response=Page[RunOut], auth=READ)
def list_runs(request: HttpRequest, paging: Query[Paging], where: Query[RunFilter]) -> dict[str, object]:
    rows = _runs(request)
    if where.agent:
        rows = rows.filter(agent__slug=where.agent)
    if where.state:
        rows = rows.filter(state=where.state)
    return page(rows, paging)


@router.get("/runs/{id}", response=RunDetailOut, auth=READ)
def get_run(request: HttpRequest, id: str) -> Run:
    return _run_or_404(request, id)


@router.post("/agents/{slug}/runs", response={201: RunOut}, auth=RUNS)
@once
def start_run(request: HttpRequest, slug: str, body: RunIn) -> tuple[int, RunOut]:
    """Queue one ticket for an agent of ours. Durable when answered."""
    agent = agent_or_404(request, slug, Verb.INSTRUCT)
    run = actions.start_run(
        agent,
        actor=caller(request),
        input={"text": body.text, "customer": body.customer},
        title=body.title or body.text[:80],
        external_id=body.external_id,
        queue=body.queue,
    )
    return 201, RunOut.from_orm(run)


def _act(request: HttpRequest, id: str, act: Callable[..., Run], verb: Verb = Verb.PAUSE, **how: str) -> RunOut:
    return RunOut.from_orm(act(_run_or_404(request, id, verb), actor=caller(request), **how))


@router.post("/runs/{id}/pause", response=RunOut, auth=RUNS)
@once
def pause_run(request: HttpRequest, id: str) -> tuple[int, RunOut]:
    return 200, _act(request, id, actions.pause_run)


@router.post("/runs/{id}/resume", response=RunOut, auth=RUNS)
@once
def resume_run(request: HttpRequest, id: str) -> tuple[int, RunOut]:
    return 200, _act(request, id, actions.resume_run)


@router.post("/runs/{id}/cancel", response=RunOut, auth=RUNS)
@once
def cancel_run(request: HttpRequest, id: str, body: ReasonIn) -> tuple[int, RunOut]:
    return 200, _act(request, id, actions.cancel_run, reason=body.reason)


@router.post("/runs/{id}/rerun", response={201: RunOut}, auth=RUNS)
@once
def rerun(request: HttpRequest, id: str) -> tuple[int, RunOut]:
    return 201, _act(request, id, actions.rerun, Verb.INSTRUCT)
