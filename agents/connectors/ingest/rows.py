"""From a document to the rows it becomes."""

import json
import re
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.utils import timezone

from agents.base.ids import uuid7
from agents.connectors.ingest.asks import Ask
from agents.connectors.ingest.documents import RunDocument, StepDocument, key_of
from agents.connectors.ingest.reading import clean
from agents.fleet.models import Agent
from agents.runs.enums import RunState, StepState
from agents.runs.models import Output, Run, Step

ENDED = (StepState.CONFIRMED, StepState.FAILED)
_SUSPECT = re.compile("\\\\u0000|[\ud800-\udfff]")
# One encoder for all: `json.dumps` would make a new one each time.
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
COLUMNS = tuple(str(field.column) for field in Step._meta.concrete_fields)
COPY = f"COPY runs_step ({', '.join(COLUMNS)}) FROM STDIN"


def run_of(agent: Agent, document: RunDocument, source: str, flags: Iterable[str] = ()) -> Run:
    """The run as the document leaves it; a time that has not come yet counts as now."""
    now, over = timezone.now(), document.state not in (RunState.RUNNING, RunState.WAITING)
    return Run(
        agent=agent,
        source=source,
        external_id=document.external_id,
        title=document.title or document.external_id,
        input=input_of(document),
        result=document.result,
        state=document.state,
        state_since=min(document.finished_at or now, now) if over else now,
        reason=document.error[:300],
        last_seq=len(steps_of(document)),
        steps_done=sum(step.status in ENDED for step in document.steps),
        cost_micros=cost_of(document),
        currency=document.currency,
        flags=sorted({*flags, *document.flags}),
        arrived_at=now,
        created_at=min(document.started_at or now, now),
        started_at=document.started_at,
        finished_at=(document.finished_at or now) if over else None,
    )


def input_of(document: RunDocument) -> dict[str, Any]:
    """Always an object, as our own runs have."""
    given = document.input
    return given if isinstance(given, dict) else {} if given is None else {"text": given}


def cost_of(document: RunDocument) -> int:
    """Micro-units: what the run says, else what its steps say together."""
    if document.cost_micros is not None:
        return document.cost_micros
    return sum(step.cost_micros or 0 for step in document.steps)


def ask_key(ask: Ask) -> str:
    """The step of the person who is asked."""
    return f"ask:{ask.external_id}"


def steps_of(document: RunDocument) -> list[tuple[str, StepDocument]]:
    """Key and step of everything it did; and, while it waits, of what people have yet to do."""
    told = [(key_of(step, place), step) for place, step in enumerate(document.steps)]
    if document.state == RunState.WAITING:
        told += [(ask_key(ask), _asking(ask)) for ask in document.asks]
    for _key, step in told:
        step.cost_center = step.cost_center or document.cost_center
        step.use_case = step.use_case or document.use_case
    return told


def _asking(ask: Ask) -> StepDocument:
    return StepDocument(name="person", kind="person", status=StepState.INTENDED, input=ask.proposal, reason=ask.reason)


def step_rows(run: Run, document: RunDocument) -> list[tuple[Any, ...]]:
    """Everything a new run did."""
    return [step_row(run, seq, key, step) for seq, (key, step) in enumerate(steps_of(document), start=1)]


def copy_steps(rows: list[tuple[Any, ...]]) -> None:
    """By COPY: thousands of steps cost about what one INSERT each of dozens would."""
    if rows:
        with connection.cursor() as cursor, cursor.copy(COPY) as copy:
            for row in rows:
                copy.write_row(row)


def step_row(run: Run, seq: int, key: str, step: StepDocument) -> tuple[Any, ...]:
    """In the order of COLUMNS."""
    told = {
        "id": uuid7(),
        "run_id": run.pk,
        "key": key,
        "seq": seq,
        "node": step.name,
        "kind": step.kind,
        "effect": step.effect,
        "branch": "",
        "visit": 1,
        "state": step.status,
        "fence": 0,
        "input": as_json(step.input),
        "input_sha256": "",
        "output": as_json(step.output),
        "error": step.error,
        "fault": "",
        "retry_after": None,
        "tries": 0,
        "reason": step.reason,
        "model": step.model,
        "prompt_version": "",
        "tokens_in": step.tokens_in,
        "tokens_out": step.tokens_out,
        "cost_micros": step.cost_micros or 0,
        "sunk_micros": 0,
        "currency": run.currency,
        "latency_ms": latency_of(step),
        "cost_center": step.cost_center or run.agent.function,
        "use_case": step.use_case or run.agent.outcome or run.agent.slug,
        "started_at": step.started_at,
        "finished_at": step.finished_at,
    }
    return tuple(told[column] for column in COLUMNS)


def latency_of(step: StepDocument) -> int:
    """Milliseconds: as told, else from its two times."""
    if step.latency_ms or not (step.started_at and step.finished_at):
        return step.latency_ms
    return min(max(0, round((step.finished_at - step.started_at).total_seconds() * 1000)), 2**31 - 1)


def outputs_of(run: Run, document: RunDocument) -> list[Output]:
    """Nothing of it counts as published by us: no guardrail of ours has passed it."""
    return [
        Output(run=run, step_key=each.step or f"output:{place}", kind=each.kind, content=each.content, data=each.data)
        for place, each in enumerate(document.outputs)
    ]


def as_json(value: Any) -> str | None:
    """As PostgreSQL's jsonb takes it. Callers other than `reading.read` may bring what it does not take."""
    if value is None:
        return None
    text = _encode(value)
    return _encode(clean(value)) if _SUSPECT.search(text) else text
