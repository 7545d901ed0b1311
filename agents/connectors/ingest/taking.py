"""The one way in for runs that other systems carry out, whoever brings them: API, webhook, file or adapter."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import psycopg
from django.db import DataError, transaction
from django.utils.translation import gettext as _
from pydantic import ValidationError

from agents.base.errors import Conflict, Invalid, Refused
from agents.base.faults import faultpoint
from agents.base.hooks import notify
from agents.connectors import verbs
from agents.connectors.ingest import rows
from agents.connectors.ingest.documents import RunDocument
from agents.connectors.ingest.following import Known, follow, known_runs
from agents.connectors.ingest.raising import hand_over_live, raise_all
from agents.connectors.ingest.reading import clean
from agents.fleet.enums import Lifecycle
from agents.fleet.models import Agent
from agents.runs.models import Output, Run
from agents.runs.status import look
from audit.actions import record_each

BATCH = 500
UNSTORABLE = (DataError, psycopg.DataError, UnicodeError)


@dataclass(frozen=True)
class Taken:
    """What became of one document: its run and how many steps were new, or why it was refused."""

    external_id: str
    status: Literal["created", "updated", "duplicate", "rejected"]
    run_id: UUID | None = None
    steps: int = 0
    problem: Refused | None = None


@dataclass(frozen=True)
class Report:
    """Who reports, about whom."""

    agent: Agent
    source: str
    flags: tuple[str, ...] = ()
    briefed: bool = False


def take_runs(
    agent: Agent, documents: Sequence[Any], *, source: str, flags: Iterable[str] = (), briefed: bool = False
) -> list[Taken]:
    """One answer a document, in their order. What is good is kept in one transaction; told twice, it is kept once.

    A document is a `RunDocument` as JSON; a bad one is refused alone. `source` ("api", "sync:monaco"…) is whoever
    reports a run first, `flags` what was done to read it; where a handoff has to be `briefed`, one without its four
    parts is refused. Raises Conflict (`retired`).
    """
    if agent.lifecycle == Lifecycle.RETIRED:
        raise Conflict(_("%(agent)s is retired.") % {"agent": agent}, "retired")
    report = Report(agent, source[:60], tuple(flags), briefed)
    try:
        return _together(report, documents)
    except UNSTORABLE:
        return [_alone(report, document) for document in documents]


def _alone(report: Report, document: Any) -> Taken:
    """Text that PostgreSQL refuses is replaced; what it still refuses sinks nobody else."""
    try:
        return _together(report, [clean(document)])[0]
    except UNSTORABLE:
        return _rejected(document, Invalid(_("It contains a character or a number that cannot be stored.")))


def _together(report: Report, documents: Sequence[Any]) -> list[Taken]:
    taken: dict[int, Taken] = {}
    good: dict[int, RunDocument] = {}
    for place, document in enumerate(documents):
        try:
            good[place] = _validated(document, {"briefed": report.briefed})
        except ValidationError as error:
            taken[place] = _rejected(document, invalid(error))
    if good:
        with transaction.atomic():
            taken |= _keep(report, good)
            transaction.on_commit(lambda: faultpoint("ingest.after_commit"))
            faultpoint("ingest.before_commit")
    return [taken[place] for place in range(len(documents))]


def _validated(document: Any, context: dict[str, bool]) -> RunDocument:
    """Halves of characters are no reason to refuse what people can still read."""
    try:
        return RunDocument.model_validate(document, context=context)
    except ValidationError:
        return RunDocument.model_validate(clean(document), context=context)


def _rejected(document: Any, problem: Refused) -> Taken:
    said = document.get("external_id") if isinstance(document, dict) else ""
    return Taken(str(clean(said if isinstance(said, str) else ""))[:200], "rejected", problem=problem)


def invalid(error: ValidationError) -> Invalid:
    """What a document was refused for, by place."""
    fields: dict[str, list[str]] = defaultdict(list)
    for each in error.errors(include_url=False, include_input=False, include_context=False):
        fields[".".join(str(part) for part in each["loc"]) or "run"].append(each["msg"])
    return Invalid(_("This is not a run as it can be taken."), "bad_run", dict(fields))


def _keep(report: Report, documents: dict[int, RunDocument]) -> dict[int, Taken]:
    """By external id, so that two batches with the same runs never wait for each other in a circle."""
    ordered = sorted(documents.items(), key=lambda pair: (pair[1].external_id, pair[0]))
    known = known_runs(report.agent, {document.external_id for _place, document in ordered})
    _lock([known[doc.external_id] for _place, doc in ordered if _has_news(doc, known)])
    first = {doc.external_id: doc for _place, doc in reversed(ordered) if doc.external_id not in known}
    made = _insert(report, list(reversed(first.values())))
    known |= known_runs(report.agent, first.keys() - made.keys())
    taken = {}
    for place, document in ordered:
        name = document.external_id
        if document is first.get(name) and name in made:
            run = made[name]
            taken[place] = Taken(name, "created", run.pk, run.last_seq)
        else:
            taken[place] = _go_on(report.agent, document, known.get(name) or Known.of(made[name], first[name]))
    told = [(one.run_id, documents[place]) for place, one in taken.items() if one.run_id and one.status != "duplicate"]
    hand_over_live(told, report.agent.team_id)
    look(report.agent, reached=True, heard=bool(told) or None)
    notify("runs")
    return taken


def _has_news(document: RunDocument, known: dict[str, Known]) -> bool:
    return document.external_id in known and not known[document.external_id].tells_all_of(document)


def _lock(known: Sequence[Known]) -> None:
    """Runs before whatever is observed of their agent, as everywhere."""
    runs = Run.objects.filter(pk__in={each.run.pk for each in known})
    list(runs.order_by("pk").select_for_update(no_key=True).values_list("pk"))


def _insert(report: Report, documents: Sequence[RunDocument]) -> dict[str, Run]:
    """The runs that were really new, by external id: of two that come at once, the second waits and finds the first."""
    offered = {doc.external_id: rows.run_of(report.agent, doc, report.source, report.flags) for doc in documents}
    Run.objects.bulk_create(offered.values(), batch_size=BATCH, ignore_conflicts=True)
    kept = set(Run.objects.filter(pk__in=[run.pk for run in offered.values()]).values_list("pk", flat=True))
    made = {name: run for name, run in offered.items() if run.pk in kept}
    told = [(made[doc.external_id], doc) for doc in documents if doc.external_id in made]
    rows.copy_steps([row for run, doc in told for row in rows.step_rows(run, doc)])
    Output.objects.bulk_create([output for run, doc in told for output in rows.outputs_of(run, doc)], batch_size=BATCH)
    record_each(
        verbs.RUN_REPORTED,
        ((run, {"state": run.state, "source": run.source, "steps": run.last_seq}) for run, _doc in told),
        actor=report.agent.actor,
        team_id=report.agent.team_id,
        agent_id=report.agent.pk,
    )
    for run, doc in told:
        raise_all(run, doc)
    return made


def _go_on(agent: Agent, document: RunDocument, known: Known) -> Taken:
    if known.tells_all_of(document):
        return Taken(document.external_id, "duplicate", known.run.pk)
    added = follow(agent, known.run.pk, document)
    return Taken(document.external_id, "updated", known.run.pk, added)
