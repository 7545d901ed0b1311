"""Schemas that come from outside: what of them is held against an answer, so that none of them holds up a process."""

from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from itertools import count
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.exceptions import Unresolvable

from agents.engine import Json

Schema = Mapping[str, Any]
Rule = Callable[[Any, Any, Any, Any], Any]
UNCHECKED = ("pattern", "patternProperties", "unevaluatedProperties")
"""Regular expressions, of which a short one may take years over a short text, and what rests on them."""
MOST = 10_000
"""Rules that are applied to one answer, a fraction of a second: `$ref` makes much of little."""
_applied: ContextVar[Iterator[int]] = ContextVar("applied")


class _TooMuch(Exception):
    """The schema asks for more rules than are applied."""


def _counted(rule: Rule) -> Rule:
    def apply(validator: Any, value: Any, instance: Any, schema: Any) -> Any:
        if next(_applied.get()) >= MOST:
            raise _TooMuch
        return rule(validator, value, instance, schema)

    return apply


def _unless_by_pattern(rule: Rule) -> Rule:
    """Of properties that are not named; where some are named by a pattern, nobody looks which."""

    def apply(validator: Any, value: Any, instance: Any, schema: Any) -> Any:
        return () if "patternProperties" in schema else rule(validator, value, instance, schema)

    return apply


_RULES: dict[str, Rule] = {**Draft202012Validator.VALIDATORS, **dict.fromkeys(UNCHECKED, lambda *_given: ())}
_RULES["additionalProperties"] = _unless_by_pattern(_RULES["additionalProperties"])
_Bounded = extend(  # type: ignore[no-untyped-call]
    Draft202012Validator, {name: _counted(rule) for name, rule in _RULES.items()}
)


def is_sound(schema: Json) -> bool:
    """Whether it is a schema at all. What its patterns say is not looked at."""
    try:
        _Bounded.check_schema(schema, format_checker=None)
    except (SchemaError, RecursionError):
        return False
    return True


def misfits(schema: Schema, answer: Json) -> list[ValidationError]:
    """What keeps the answer from fitting a sound schema; what cannot be judged here (`UNCHECKED`) is let through.

    So is all where `is_beyond_judging`.
    """
    return _judged(schema, answer) or []


def is_beyond_judging(schema: Schema, answer: Json) -> bool:
    """Whether the answer cannot be judged at all: a reference elsewhere, one in circles, more than `MOST` rules."""
    return _judged(schema, answer) is None


def _judged(schema: Schema, answer: Json) -> list[ValidationError] | None:
    begun = _applied.set(count())
    try:
        # An empty registry: without it jsonschema would fetch a remote $ref, past the one HTTP door.
        return list(_Bounded(_of_one_draft(schema), registry=Registry()).iter_errors(answer))
    except (Unresolvable, RecursionError, _TooMuch):
        return None
    finally:
        _applied.reset(begun)


def is_checked_in_part(schema: Json) -> bool:
    """Whether it says something that no answer is held against."""
    if isinstance(schema, Mapping):
        named = [name for name in UNCHECKED if name in schema and (name != "pattern" or isinstance(schema[name], str))]
        return bool(named) or any(map(is_checked_in_part, schema.values()))
    return isinstance(schema, list) and any(map(is_checked_in_part, schema))


def _of_one_draft(schema: Json) -> Json:
    """Without `$schema`, at which jsonschema would go on with another draft's rules, that look at patterns."""
    if isinstance(schema, Mapping):
        kept = {name: value for name, value in schema.items() if not (name == "$schema" and isinstance(value, str))}
        return {name: _of_one_draft(value) for name, value in kept.items()}
    return [_of_one_draft(one) for one in schema] if isinstance(schema, list) else schema
