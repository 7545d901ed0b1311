"""Runs of other systems, reported over the API: one, or up to a thousand at once."""

from collections import defaultdict
from typing import Any, Literal
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Schema, Status
from ninja.openapi.schema import REF_TEMPLATE

from agents.base.errors import Invalid, NotAllowed, Refused
from agents.connectors.actions import report_runs
from agents.connectors.ingest import Reading, Taken, read
from agents.fleet.models import Agent
from console.api.access import RUNS, agents, caller, token_of
from console.api.idempotency import once
from console.api.incoming import json_only, receive
from console.api.problems import MEDIA, Problem, describe, of_refusal
from console.api.runs import router
from console.refusals import note_refusal

MOST_BYTES = 20 * 2**20
MOST_RUNS = 1000
PROBLEM = {MEDIA: {"schema": {"$ref": REF_TEMPLATE.format(model="Problem")}}}
UNKNOWN = {404: {"description": "Unknown", "content": PROBLEM}}
REPORT = {"allOf": [{"$ref": REF_TEMPLATE.format(model="RunReport")}]}
BATCH = {
    "type": "object",
    "required": ["items"],
    "properties": {"items": {"type": "array", "items": REPORT, "minItems": 1, "maxItems": MOST_RUNS}},
}


class ReportOut(Schema):
    """`outcome`: new, gone on, or known already; `steps`: how many were new."""

    id: UUID
    external_id: str
    outcome: Literal["created", "updated", "duplicate"]
    steps: int


class ReportedOut(Schema):
    """What became of the item at `index`: its run, or its problem."""

    index: int
    status: int
    run: ReportOut | None = None
    problem: Problem | None = None


class ReportsOut(Schema):
    created: int
    updated: int
    duplicate: int
    rejected: int
    results: list[ReportedOut]


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _read(request: HttpRequest) -> Reading:
    json_only(request)
    return read(receive(request, MOST_BYTES))


def _kept(request: HttpRequest) -> Reading:
    """Read a second time only where the Idempotency-Key needed the bytes first."""
    reading: Reading = request.reading  # type: ignore[attr-defined]
    return reading


@router.post(
    "/runs",
    response={200: ReportOut, 201: ReportOut},
    auth=RUNS,
    openapi_extra={**_body(REPORT), "responses": UNKNOWN},
)
def report_run(request: HttpRequest) -> HttpResponse:
    """A run that another system carries out, as far as it has got. Told again, it goes on, and is never two."""
    request.reading = _read(request)  # type: ignore[attr-defined]
    return _report_one(request)


@once
def _report_one(request: HttpRequest) -> Status[ReportOut]:
    reading = _kept(request)
    document = dict(reading.document)
    agent = _agents(request, [document]).get(str(document.pop("agent", "")))
    if agent is None:
        raise Http404
    [taken] = report_runs(agent, [document], actor=caller(request), flags=reading.flags)
    if taken.problem:
        raise taken.problem
    return Status(201 if taken.status == "created" else 200, _run(taken))


@router.post("/runs:batch", response=ReportsOut, auth=RUNS, openapi_extra=_body(BATCH))
def report_many(request: HttpRequest) -> HttpResponse:
    """Up to 1000 runs at once, of any agents. A bad one is named in its place and does not sink the others."""
    request.reading = _read(request)  # type: ignore[attr-defined]
    return _report_all(request)


@once
def _report_all(request: HttpRequest) -> Status[ReportsOut]:
    reading = _kept(request)
    items = reading.document.get("items")
    if reading.document.keys() != {"items"} or not isinstance(items, list) or not 1 <= len(items) <= MOST_RUNS:
        said = _("Send between 1 and %(most)s runs as `items`.") % {"most": MOST_RUNS}
        raise Invalid(said, fields={"items": [said]})
    results = _results(request, items, reading.flags)
    count = [result.run.outcome if result.run else "rejected" for result in results]
    tally = {outcome: count.count(outcome) for outcome in ("created", "updated", "duplicate", "rejected")}
    return Status(200, ReportsOut(results=results, **tally))


def _results(request: HttpRequest, items: list[Any], flags: list[str]) -> list[ReportedOut]:
    """Agent by agent, always in the same order."""
    known = _agents(request, items)
    places: dict[str, list[int]] = defaultdict(list)
    for index, item in enumerate(items):
        places[str(item.get("agent", "")) if isinstance(item, dict) else ""].append(index)
    told: dict[int, ReportedOut] = {}
    for name in sorted(places, key=lambda name: str(known[name].pk) if name in known else ""):
        documents = [_without_agent(items[index]) for index in places[name]]
        told |= _of_agent(request, known.get(name), places[name], documents, flags)
    return [told[index] for index in range(len(items))]


def _of_agent(
    request: HttpRequest, agent: Agent | None, places: list[int], documents: list[Any], flags: list[str]
) -> dict[int, ReportedOut]:
    if agent is None:
        unknown = describe(404, "unknown_agent", _("There is no such agent, or it is not yours to see."))
        return {index: ReportedOut(index=index, status=404, problem=unknown) for index in places}
    try:
        taken = report_runs(agent, documents, actor=caller(request), flags=flags)
    except Refused as refusal:
        if isinstance(refusal, NotAllowed):
            note_refusal(request, refusal, caller(request), token_of(request).team_id)
        return {index: _refused(index, refusal) for index in places}
    return {index: _told(index, each) for index, each in zip(places, taken, strict=True)}


def _told(index: int, taken: Taken) -> ReportedOut:
    if taken.problem:
        return _refused(index, taken.problem)
    return ReportedOut(index=index, status=201 if taken.status == "created" else 200, run=_run(taken))


def _refused(index: int, refusal: Refused) -> ReportedOut:
    return ReportedOut(index=index, status=refusal.status, problem=of_refusal(refusal))


def _run(taken: Taken) -> ReportOut:
    return ReportOut.model_validate(
        {"id": taken.run_id, "external_id": taken.external_id, "outcome": taken.status, "steps": taken.steps}
    )


def _without_agent(item: Any) -> Any:
    return {key: value for key, value in item.items() if key != "agent"} if isinstance(item, dict) else item


def _agents(request: HttpRequest, items: list[Any]) -> dict[str, Agent]:
    """Those that the items name, as far as the caller may see them."""
    names = {item["agent"] for item in items if isinstance(item, dict) and isinstance(item.get("agent"), str)}
    found = agents(request).filter(slug__in=names).select_related("team")
    return {agent.slug: agent for agent in found}
