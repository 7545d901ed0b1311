"""State: what a walk knows so far, rebuilt from the journal at every resume."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""A JSON value: None, bool, int, float, str, list, or dict with string keys."""

_EXACT = 1e16
_text = json.JSONEncoder(allow_nan=False).encode
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def _number(text: str) -> int | float:
    value = float(text) + 0.0  # PostgreSQL's jsonb has no minus zero and gives large floats back as integers
    return int(value) if abs(value) >= _EXACT else value


def _clean(value: Json) -> Json:
    if isinstance(value, str):
        return value.replace("\x00", "�").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return {_clean(key): _clean(item) for key, item in value.items()} if isinstance(value, dict) else value


def storable(value: Json) -> Json:
    """`value` exactly as the journal will give it back, so that a first walk and a replay see the same thing.

    Tuples become lists, keys become strings; NUL and lone surrogates, which PostgreSQL refuses, become “�” or “?”.
    Raises TypeError or ValueError where `value` is no JSON (a date, NaN).
    """
    text = _text(value)
    plain = json.loads(text, parse_float=_number)
    return _clean(plain) if "\\u0000" in text or "\\ud" in text else plain


def digest(value: Json) -> str:
    """SHA-256 in hex over the canonical JSON of `value` (sorted keys, no spaces, ASCII)."""
    return hashlib.sha256(_canonical(value).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class State:
    """The run's input and the latest output, error and number of visits of each node that has run."""

    input: Json = None
    outputs: Mapping[str, Json] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    visits: Mapping[str, int] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Json:
        return self.input if name == "input" else self.outputs[name]

    def __contains__(self, name: str) -> bool:
        return name == "input" or name in self.outputs

    def get(self, name: str, default: Json = None) -> Json:
        return self.input if name == "input" else self.outputs.get(name, default)

    def read(self, names: tuple[str, ...]) -> dict[str, Json]:
        """Only the named parts, and of these only what exists yet."""
        return {name: self[name] for name in names if name in self}

    def after(self, name: str, output: Json, error: str = "") -> State:
        """The state once node `name` has run."""
        errors = {key: text for key, text in self.errors.items() if key != name}
        if error:
            errors[name] = error
        visits = {**self.visits, name: self.visits.get(name, 0) + 1}
        return State(self.input, {**self.outputs, name: output}, errors, visits)
