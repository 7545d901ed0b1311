"""The API's own description, as a caller reads it, and values that fit or nearly fit its schemas."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from django.test import Client
from hypothesis import strategies as st

Json = Any
HOSTILE: list[Json] = [
    None,
    True,
    -1,
    0,
    2**63,
    10**30,
    1e308,
    "",
    " ",
    "\x00",
    "\ud800",
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "{{7*7}}",
    "../../etc/passwd",
    "\u202egnp.exe",
    "x" * 30_000,
    [],
    {},
    [[]],
    {"\x00": 1},
    "2026-02-30",
    "00000000-0000-0000-0000-000000000000",
]

# Without these hardly any example would get past the look-up of its people.
KNOWN = {"email": st.sampled_from(["amelia@northwind.example", "dev@northwind.example", "nobody@northwind.example"])}


_BUILT: dict[int, st.SearchStrategy[Json]] = {}
"""By the identity of their schemas: Hypothesis checks and compiles every strategy that it has not met."""


class Endpoint(NamedTuple):
    """One operation of the document."""

    path: str
    method: str
    details: Mapping[str, Any]

    @property
    def body(self) -> Mapping[str, Any] | None:
        """The schema of its JSON body."""
        content = self.details.get("requestBody", {}).get("content", {})
        schema: Mapping[str, Any] | None = content.get("application/json", {}).get("schema")
        return schema


@cache
def document() -> dict[str, Any]:
    """What `/api/v1/openapi.json` says to everybody."""
    response = Client(headers={"Host": "127.0.0.1"}).get("/api/v1/openapi.json")
    assert response.status_code == 200
    return dict(response.json())


def endpoints() -> Iterator[Endpoint]:
    for path, methods in document()["paths"].items():
        for method, details in methods.items():
            yield Endpoint(path, method.upper(), details)


def resolve(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a reference stands for; a schema without one stands for itself."""
    if "$ref" not in schema:
        return schema
    found = document()
    for part in schema["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return resolve(found)


def values(schema: Mapping[str, Any]) -> st.SearchStrategy[Json]:
    """Values that fit the schema, which is part of `document()`; inside objects now and then one that does not."""
    schema = resolve(schema)
    if id(schema) not in _BUILT:
        _BUILT[id(schema)] = _built(schema)
    return _BUILT[id(schema)]


def _built(schema: Mapping[str, Any]) -> st.SearchStrategy[Json]:
    if options := schema.get("anyOf") or schema.get("allOf"):
        return st.one_of([values(option) for option in options])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    return _OF_TYPE.get(schema.get("type", ""), _anything)(schema)


def _strings(schema: Mapping[str, Any]) -> st.SearchStrategy[Json]:
    if schema.get("format") in ("date", "uuid"):
        return st.dates().map(str) if schema["format"] == "date" else st.uuids().map(str)
    if "pattern" in schema:
        return st.from_regex(schema["pattern"], fullmatch=True)
    return st.text(min_size=schema.get("minLength", 0), max_size=min(schema.get("maxLength", 30), 30))


def _numbers(schema: Mapping[str, Any]) -> st.SearchStrategy[Json]:
    return st.integers(schema.get("minimum", -(10**6)), schema.get("maximum", 10**6))


def _arrays(schema: Mapping[str, Any]) -> st.SearchStrategy[Json]:
    return st.lists(_or_hostile(schema["items"]), min_size=schema.get("minItems", 0), max_size=3)


def _objects(schema: Mapping[str, Any]) -> st.SearchStrategy[Json]:
    required = schema.get("required", [])
    parts = {name: _or_hostile(part) for name, part in schema.get("properties", {}).items()}
    parts |= {name: KNOWN[name] for name in KNOWN.keys() & parts.keys()}
    needed = {name: parts[name] for name in required}
    return st.fixed_dictionaries(needed, optional={name: parts[name] for name in parts if name not in required})


def _or_hostile(schema: Mapping[str, Any]) -> st.SearchStrategy[Json]:
    return st.integers(0, 19).flatmap(lambda dice: values(schema) if dice < 19 else st.sampled_from(HOSTILE))


def _anything(schema: Mapping[str, Any]) -> st.SearchStrategy[Json]:
    leaf = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=10), st.integers(-9, 9))
    return st.recursive(leaf, lambda inner: st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=4)


_OF_TYPE: dict[str, Callable[[Mapping[str, Any]], st.SearchStrategy[Json]]] = {
    "string": _strings,
    "integer": _numbers,
    "number": _numbers,
    "boolean": lambda schema: st.booleans(),
    "null": lambda schema: st.none(),
    "array": _arrays,
    "object": _objects,
}
