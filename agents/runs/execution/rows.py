"""Between rows and objects: the engine's StepRecord and runs_step by name, and what SQL of our own returns."""

import json
from dataclasses import fields
from operator import attrgetter
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model

from agents.engine import Effect, StepRecord, StepState
from agents.engine.graph import Kind
from agents.runs.models import Step

M = TypeVar("M", bound=Model)
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


dumps = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode
"""JSON text as PostgreSQL takes it; the engine has already made it storable."""


def to_record(step: Step) -> StepRecord:
    """The step as the engine last wrote it."""
    row = {name: getattr(step, name) for name in FIELDS}
    row |= {"kind": Kind(step.kind), "effect": Effect(step.effect), "state": StepState(step.state)}
    return StepRecord(**row)


def columns(model: type[Model], table: str) -> str:
    """All columns of `model`, as SQL, in the order `load` expects."""
    return ", ".join(f"{table}.{field.column}" for field in model._meta.concrete_fields)


def load(model: type[M], row: tuple[Any, ...]) -> M:
    """The object whose `columns` begin `row`."""
    fields = model._meta.concrete_fields
    values = (
        field.from_db_value(value, None, connection) if hasattr(field, "from_db_value") else value
        for field, value in zip(fields, row, strict=False)
    )
    return model.from_db(connection.alias, [field.attname for field in fields], list(values))
