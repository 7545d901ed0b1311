"""What a reported run needs of people, raised through the same door as what our own runs need."""

from collections.abc import Iterable
from uuid import UUID

from agents.connectors import wording
from agents.connectors.ingest.asks import Ask
from agents.connectors.ingest.documents import RunDocument, StepDocument
from agents.connectors.ingest.rows import ask_key
from agents.runs import wording as runs_wording
from agents.runs.actions import raise_exception
from agents.runs.actions.feelings import hand_over
from agents.runs.briefings import UNBRIEFED, missing, told, without
from agents.runs.enums import ExceptionKind, RunState, Severity
from agents.runs.guards.customers import heard
from agents.runs.models import Run
from agents.runs.queries.briefed import briefed


def raise_all(run: Run, document: RunDocument) -> None:
    """Everything the document asks, and its failure. What was asked under the same id before is not asked again."""
    for ask in document.asks:
        if not run.exceptions.filter(evidence__ask=ask.external_id).exists():
            raise_ask(run, ask)
    if document.state == RunState.FAILED:
        raise_exception(
            run.agent,
            run=run,
            kind=ExceptionKind.FAILURE,
            severity=Severity.HIGH,
            title=runs_wording.RUN_FAILED % {"run": run},
            detail=document.error,
            evidence={"source": run.source},
            cause="failed",
        )


def hand_over_live(told: Iterable[tuple[UUID, RunDocument]], team_id: UUID) -> None:
    """Of conversations that go on, those that a person should have now; what is over is looked at with its signs."""
    live = {run: document for run, document in told if document.state == RunState.RUNNING}
    said = {run: [heard(step.name, step.input, step.output) for step in _messages(doc)] for run, doc in live.items()}
    hand_over({run: [each for each in turns if each] for run, turns in said.items()}, dict.fromkeys(live, team_id))


def _messages(document: RunDocument) -> list[StepDocument]:
    return [step for step in document.steps if step.kind == "message"]


def raise_ask(run: Run, ask: Ask) -> None:
    """A run that waits gets the answer as its person's step; what a finished run leaves behind has no step."""
    waits = run.state == RunState.WAITING
    kind, cause, detail = _handed_over(run, ask)
    raise_exception(
        run.agent,
        run=run,
        step_key=ask_key(ask) if waits else "",
        kind=kind,
        severity=Severity(ask.severity),
        title=ask.title,
        detail=detail,
        evidence={"ask": ask.external_id, "source": run.source},
        schema=ask.answer_schema,
        proposal=ask.proposal,
        cause=cause,
        expires_at=ask.expires_at,
    )


def _handed_over(run: Run, ask: Ask) -> tuple[ExceptionKind, str, str]:
    """Kind, cause and detail. What came without a briefing gets one from its run; where that says too little, the
    agent has failed to hand over, and somebody sees it with the agent's own words."""
    kind, cause = ExceptionKind(ask.kind), ask.reason or ask.kind
    if kind != ExceptionKind.HANDOFF:
        return kind, cause, ask.detail
    briefing = (
        ask.briefing.model_dump() if ask.briefing else briefed(run, why=ask.title, suggested=wording.READ_AND_ANSWER)
    )
    if lacking := missing(briefing):
        return ExceptionKind.FAILURE, UNBRIEFED, without(lacking, ask.detail)
    return kind, cause, f"{told(briefing)}\n\n{ask.detail}".strip()
