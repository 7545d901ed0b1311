"""Between the engine's StepRecord and the row of runs_step, by name."""

import json
from dataclasses import fields
from operator import attrgetter
from typing import Any

from agents.engine import Effect, Json, StepRecord, StepState
from agents.engine.graph import Kind
from agents.runs.models import Step

FIELDS = tuple(field.name for field in fields(StepRecord))
_in_order = attrgetter(*FIELDS)
_ENUMS = [FIELDS.index(name) for name in ("kind", "effect", "state")]
_DOCUMENTS = [FIELDS.index(name) for name in ("input", "output")]
CASTS = {
    "input": "jsonb",
    "output": "jsonb",
    "visit": "int",
    "tries": "int",
    "retry_after": "float8",
    "tokens_in": "int",
    "tokens_out": "int",
    "cost_micros": "bigint",
    "latency_ms": "int",
    "started_at": "timestamptz",
    "finished_at": "timestamptz",
}


def values(record: StepRecord) -> list[Any]:
    """The record's fields in order, as parameters for SQL. Runs once a step: no look-ups by name."""
    row = list(_in_order(record))
    for place in _ENUMS:
        row[place] = row[place].value
    for place in _DOCUMENTS:
        row[place] = None if row[place] is None else dumps(row[place])
    return row


def dumps(value: Json) -> str:
    """JSON text as PostgreSQL takes it; the engine has already made it storable."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def to_record(step: Step) -> StepRecord:
    """The step as the engine last wrote it."""
    row = {name: getattr(step, name) for name in FIELDS}
    row |= {"kind": Kind(step.kind), "effect": Effect(step.effect), "state": StepState(step.state)}
    return StepRecord(**row)
