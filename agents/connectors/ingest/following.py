"""A run told again: it only goes on. What is over stays over, whatever comes late or twice."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from django.db.models import Sum
from django.utils import timezone

from agents.connectors import verbs, wording
from agents.connectors.ingest import rows
from agents.connectors.ingest.documents import RunDocument, StepDocument
from agents.connectors.ingest.raising import raise_all
from agents.fleet.models import Agent
from agents.runs import verbs as run_verbs
from agents.runs.actions.exceptions import close_all
from agents.runs.enums import RunState, StepState
from agents.runs.models import Output, Run, Step
from agents.runs.queries.seen import unanswered
from agents.runs.transitions import move

OPEN = (StepState.INTENDED, StepState.SENT)
VERBS = {
    RunState.RUNNING: verbs.RUN_REPORTED,
    RunState.WAITING: run_verbs.RUN_WAITING,
    RunState.DONE: run_verbs.RUN_DONE,
    RunState.FAILED: run_verbs.RUN_FAILED,
    RunState.CANCELLED: run_verbs.RUN_CANCELLED,
}


@dataclass
class Known:
    """A run that is there already, with the state of each of its steps."""

    run: Run
    steps: dict[str, str]

    @classmethod
    def of(cls, run: Run, document: RunDocument) -> Self:
        """One that has just been made from a document."""
        return cls(run, {key: step.status for key, step in rows.steps_of(document)})

    def tells_all_of(self, document: RunDocument) -> bool:
        """Whether the document says nothing new."""
        if any(self._is_new(key, step) for key, step in rows.steps_of(document)):
            return False
        return self.run.is_over or document.state in (self.run.state, RunState.WAITING, RunState.RUNNING)

    def _is_new(self, key: str, step: StepDocument) -> bool:
        kept = self.steps.get(key)
        if kept is None:
            return not (self.run.is_over and step.kind == "person" and step.status == StepState.INTENDED)
        return kept in OPEN and step.status not in OPEN


def known_runs(agent: Agent, names: Iterable[str]) -> dict[str, Known]:
    """Those of the agent's runs that have these external ids."""
    runs = {run.pk: Known(run, {}) for run in Run.objects.filter(agent=agent, external_id__in=names)}
    for run_id, key, state in Step.objects.filter(run__in=runs).values_list("run_id", "key", "state"):
        runs[run_id].steps[key] = state
    return {known.run.external_id or "": known for known in runs.values()}


def follow(agent: Agent, run_id: UUID, document: RunDocument) -> int:
    """Adds what is new, in the caller's transaction; returns how many steps that were."""
    run = Run.objects.select_for_update(no_key=True).get(pk=run_id)
    run.agent = agent
    known = Known(run, dict(run.steps.values_list("key", "state")))
    told = [] if run.is_over else rows.steps_of(document)
    told = told or [(key, step) for key, step in rows.steps_of(document) if step.kind != "person"]
    new = [(key, step) for key, step in told if key not in known.steps]
    rows.copy_steps(
        [rows.step_row(run, run.last_seq + place, key, step) for place, (key, step) in enumerate(new, start=1)]
    )
    ended = [(key, step) for key, step in told if known.steps.get(key) in OPEN and step.status not in OPEN]
    for key, step in ended:
        _end(run, key, step)
    Output.objects.bulk_create(rows.outputs_of(run, document), ignore_conflicts=True)
    run.last_seq += len(new)
    run.steps_done += sum(step.status in rows.ENDED for _key, step in [*new, *ended])
    run.cost_micros = max(run.cost_micros, _cost(run, document))
    _learn(run, document)
    run.save(update_fields=["last_seq", "steps_done", "cost_micros", "title", "input", "started_at"])
    if not run.is_over:
        _advance(run, document, went_on=bool(new or ended))
    return len(new)


def _cost(run: Run, document: RunDocument) -> int:
    """Micro-units: what the document says of the whole, else of all steps that were told so far."""
    if document.cost_micros is not None:
        return document.cost_micros
    return int(run.steps.aggregate(cost=Sum("cost_micros", default=0))["cost"])


def _learn(run: Run, document: RunDocument) -> None:
    """What only a later report tells of the whole: a trace's inner spans may come before its first."""
    if run.title == run.external_id:
        run.title = document.title or run.title
    run.input = run.input or rows.input_of(document)
    run.started_at = min(filter(None, (run.started_at, document.started_at)), default=None)


def _end(run: Run, key: str, step: StepDocument) -> None:
    Step.objects.filter(run=run, key=key).update(
        state=step.status,
        output=step.output,
        error=step.error,
        tokens_in=step.tokens_in,
        tokens_out=step.tokens_out,
        cost_micros=step.cost_micros or 0,
        latency_ms=rows.latency_of(step),
        finished_at=step.finished_at,
    )


def _advance(run: Run, document: RunDocument, *, went_on: bool) -> None:
    """Waiting ends with an end, or with a step done since: "running" alone may be older than the question."""
    state = document.state
    if state == RunState.WAITING:
        run.state = RunState.WAITING
        raise_all(run, document)
        state = RunState.WAITING if unanswered(run) else RunState.RUNNING
    elif state == RunState.RUNNING and not went_on:
        return
    if state != RunState.WAITING:
        close_all(run, actor=run.agent.actor, note=wording.WENT_ON)
    before = Run.objects.values_list("state", flat=True).get(pk=run.pk)
    if before != state:
        move(run, state, VERBS[state], actor=run.agent.actor, reason=document.error, **_end_of(document))
        if state == RunState.FAILED:
            raise_all(run, document)


def _end_of(document: RunDocument) -> dict[str, Any]:
    if document.state in (RunState.RUNNING, RunState.WAITING):
        return {}
    return {"result": document.result, "finished_at": document.finished_at or timezone.now()}
