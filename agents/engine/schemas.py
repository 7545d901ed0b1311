"""JSON Schema, for what models and people answer."""

from __future__ import annotations

from collections.abc import Mapping

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from referencing import Registry

from agents.engine.state import Json

_NOTHING_REMOTE: Registry[Json] = Registry()  # without it jsonschema would fetch a remote $ref


def problem(schema: Mapping[str, Json], value: Json) -> str:
    """What keeps `value` from fitting `schema` (draft 2020-12), in words; empty when it fits."""
    error = best_match(Draft202012Validator(schema, registry=_NOTHING_REMOTE).iter_errors(value))
    if error is None:
        return ""
    where = "/".join(str(part) for part in error.absolute_path)
    return f"{where}: {error.message}" if where else error.message
