"""The least value a JSON schema accepts, and bringing a value within its limits."""

import math
from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]
_DEEPEST = 12


def kind(schema: Schema) -> str:
    """The schema's type; the first that is not null of several; guessed from its keywords when it has none."""
    named = schema.get("type")
    if isinstance(named, list):
        return next((str(one) for one in named if one != "null"), "null")
    if named:
        return str(named)
    return "object" if "properties" in schema else "array" if "items" in schema else "string"


def floor(schema: Schema, root: Schema, depth: int = 0) -> Any:
    """A smallest valid value: null or a default where allowed, the first label, the minimum, only what is required."""
    schema = resolve(schema, root)
    for word in ("const", "default"):
        if word in schema:
            return schema[word]
    if "enum" in schema:
        return schema["enum"][0]
    if depth > _DEEPEST or nullable(schema):
        return None
    if choices := branches(schema):
        return floor(choices[0], root, depth + 1)
    return _least(schema, root, depth)


def _least(schema: Schema, root: Schema, depth: int) -> Any:
    named = kind(schema)
    if named == "object":
        properties = schema.get("properties", {})
        return {name: floor(properties.get(name, {}), root, depth + 1) for name in schema.get("required", [])}
    if named == "array":
        return [floor(schema.get("items", {}), root, depth + 1) for _ in range(schema.get("minItems", 0))]
    if named in ("integer", "number"):
        return bounded(0, schema)
    return {"boolean": False, "null": None}.get(named, sized("", schema))


def resolve(schema: Schema | bool, root: Schema) -> Schema:
    """Follow a local $ref, join allOf; a boolean schema (true) is an empty one."""
    if isinstance(schema, bool):
        return {}
    if str(schema.get("$ref", "")).startswith("#"):
        target: Any = root
        for step in schema["$ref"].lstrip("#/").split("/"):
            target = target.get(step, {}) if step else target
        return resolve({**target, **{k: v for k, v in schema.items() if k != "$ref"}}, root)
    for part in schema.get("allOf", []):
        schema = {**schema, **resolve(part, root)}
    return schema


def branches(schema: Schema) -> list[Schema]:
    """The alternatives of anyOf or oneOf."""
    return list(schema.get("anyOf") or schema.get("oneOf") or [])


def nullable(schema: Schema) -> bool:
    """Whether null is allowed."""
    named = schema.get("type")
    return named == "null" or (isinstance(named, list) and "null" in named) or {"type": "null"} in branches(schema)


def bounded(value: float, schema: Schema) -> float:
    """The value moved inside minimum, maximum, their exclusive forms and multipleOf; whole where it must be."""
    step = schema.get("multipleOf") or (1 if kind(schema) == "integer" else 0)
    low, high = schema.get("minimum"), schema.get("maximum")
    if (above := schema.get("exclusiveMinimum")) is not None:
        low = above + (step or 1e-6 * max(1.0, abs(above)))
    if (below := schema.get("exclusiveMaximum")) is not None:
        high = below - (step or 1e-6 * max(1.0, abs(below)))
    value = value if low is None else max(value, low)
    value = value if high is None else min(value, high)
    if step:
        value = math.ceil(value / step) * step
        value = value - step if high is not None and value > high else value
    return int(value) if kind(schema) == "integer" else value


def sized(value: str, schema: Schema) -> str:
    """The text cut to maxLength at a word where possible, and padded to minLength."""
    longest = schema.get("maxLength")
    if longest is not None and len(value) > longest:
        cut = value[:longest]
        value = cut.rpartition(" ")[0] or cut
    return value.ljust(schema.get("minLength", 0), ".")
