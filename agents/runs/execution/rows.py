"""Between rows and objects: the engine's StepRecord and runs_step by name."""

import json
from dataclasses import fields
from operator import attrgetter
from typing import Any

from agents.engine import Effect, StepRecord, StepState
from agents.engine.graph import Kind
from agents.runs.models import Step

FIELDS = tuple(field.name for field in fields(StepRecord))
USE = ("model", "prompt_version", "tokens_in", "tokens_out", "cost_micros", "sunk_micros", "currency")
DETAILS = ("error", "fault", "retry_after", *USE)
"""What a step lacks that asked no model, cost nothing and did not fail."""
CASTS = {
    "input": "jsonb",
    "output": "jsonb",
    "visit": "int",
    "tries": "int",
    "retry_after": "float8",
    "tokens_in": "int",
    "tokens_out": "int",
    "cost_micros": "bigint",
    "sunk_micros": "bigint",
    "latency_ms": "int",
    "started_at": "timestamptz",
    "finished_at": "timestamptz",
}


class Shape:
    """Some fields of a record as columns: their SQL, and their values for it. Runs once a step: no look-ups by name."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.columns = ", ".join(names)
        self.places = ", ".join(f"%({name})s::{CASTS.get(name, 'text')}" for name in names)
        self._names = names
        self._in_order = attrgetter(*names)
        self._enums = [names.index(name) for name in ("kind", "effect", "state")]
        self._documents = [names.index(name) for name in ("input", "output")]

    def values(self, record: StepRecord) -> dict[str, Any]:
        """The record's fields as parameters."""
        row = list(self._in_order(record))
        for place in self._enums:
            row[place] = row[place].value
        for place in self._documents:
            row[place] = None if row[place] is None else dumps(row[place])
        return dict(zip(self._names, row, strict=True))


WHOLE, PLAIN = Shape(FIELDS), Shape(tuple(name for name in FIELDS if name not in DETAILS))
_details = attrgetter(*DETAILS)
_NONE = _details(StepRecord(key="", node="", kind=Kind.TOOL))
NONE = ", ".join("NULL" if value is None else repr(value) for value in _NONE)
"""DETAILS of a plain step, as SQL."""


def is_plain(record: StepRecord) -> bool:
    """Whether the record says nothing that PLAIN leaves out, and so can be sent with a third fewer parameters."""
    return bool(_details(record) == _NONE)


dumps = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode
"""JSON text as PostgreSQL takes it; the engine has already made it storable."""


def to_record(step: Step) -> StepRecord:
    """The step as the engine last wrote it."""
    row = {name: getattr(step, name) for name in FIELDS}
    row |= {"kind": Kind(step.kind), "effect": Effect(step.effect), "state": StepState(step.state)}
    return StepRecord(**row)
