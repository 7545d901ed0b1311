"""What a reported run needs of people, raised through the same door as what our own runs need."""

from agents.connectors.ingest.asks import Ask
from agents.connectors.ingest.documents import RunDocument
from agents.connectors.ingest.rows import ask_key
from agents.runs import wording
from agents.runs.actions import raise_exception
from agents.runs.enums import ExceptionKind, RunState, Severity
from agents.runs.models import Run


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
            title=wording.RUN_FAILED % {"run": run},
            detail=document.error,
            evidence={"source": run.source},
            cause="failed",
        )


def raise_ask(run: Run, ask: Ask) -> None:
    """A run that waits gets the answer as its person's step; what a finished run leaves behind has no step."""
    waits = run.state == RunState.WAITING
    raise_exception(
        run.agent,
        run=run,
        step_key=ask_key(ask) if waits else "",
        kind=ExceptionKind(ask.kind),
        severity=Severity(ask.severity),
        title=ask.title,
        detail=ask.detail,
        evidence={"ask": ask.external_id, "source": run.source},
        schema=ask.answer_schema,
        proposal=ask.proposal,
        cause=ask.reason or ask.kind,
        expires_at=ask.expires_at,
    )
