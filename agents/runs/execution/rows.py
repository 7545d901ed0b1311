"""Between the engine's StepRecord and the row of runs_step, by name."""

import json
from dataclasses import fields
from enum import Enum
from typing import Any

from agents.engine import Effect, Json, StepRecord, StepState
from agents.engine.graph import Kind
from agents.runs.models import Step

FIELDS = tuple(field.name for field in fields(StepRecord))
DOCUMENTS = ("input", "output")
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
    """The record's fields in order, as parameters for SQL."""
    return [_parameter(name, getattr(record, name)) for name in FIELDS]


def _parameter(name: str, value: Any) -> Any:
    if name in DOCUMENTS:
        return None if value is None else dumps(value)
    return value.value if isinstance(value, Enum) else value


def dumps(value: Json) -> str:
    """JSON text as PostgreSQL takes it; the engine has already made it storable."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def to_record(step: Step) -> StepRecord:
    """The step as the engine last wrote it."""
    row = {name: getattr(step, name) for name in FIELDS}
    row |= {"kind": Kind(step.kind), "effect": Effect(step.effect), "state": StepState(step.state)}
    return StepRecord(**row)
