"""The document is valid, complete, and true of what is answered."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from agents.runs.actions import raise_exception
from agents.runs.enums import ExceptionKind
from tests.api.conftest import MakeMachine
from tests.api.openapi import Endpoint, document, endpoints, resolve
from tests.cast import Cast


def _walk(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _walk(part)


def test_every_reference_leads_somewhere_and_every_schema_is_one() -> None:
    for node in _walk(document()):
        if "$ref" in node:
            assert resolve(node)
        if "schema" in node:
            Draft202012Validator.check_schema(node["schema"])
    for name, schema in document()["components"]["schemas"].items():
        assert re.fullmatch(r"[a-zA-Z0-9._-]+", name)
        Draft202012Validator.check_schema(schema)


def test_the_document_says_what_openapi_asks_for() -> None:
    found = document()
    assert found["openapi"].startswith("3.1.")
    assert found["info"].keys() >= {"title", "version"}
    assert found["components"]["securitySchemes"] == {"token": {"type": "http", "scheme": "bearer"}}
    ids = [endpoint.details["operationId"] for endpoint in endpoints()]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("endpoint", list(endpoints()), ids=lambda endpoint: f"{endpoint.method} {endpoint.path}")
def test_every_endpoint_names_its_scope_its_parameters_and_its_problems(endpoint: Endpoint) -> None:
    [[(scheme, scopes)]] = [list(way.items()) for way in endpoint.details["security"]]
    assert (scheme, len(scopes)) == ("token", 1)
    in_path = {p["name"] for p in endpoint.details["parameters"] if p["in"] == "path"}
    assert in_path == set(re.findall(r"{(\w+)}", endpoint.path))
    assert all(p["required"] for p in endpoint.details["parameters"] if p["in"] == "path")
    responses = endpoint.details["responses"]
    changing = {"409", "413", "415"} if endpoint.method != "GET" else set()
    assert responses.keys() >= {"400", "401", "403", "422", "500"} | changing
    assert any(status in responses for status in ("200", "201", "202"))
    for status, response in responses.items():
        media = "application/json" if status < "300" else "application/problem+json"
        assert response["description"]
        assert list(response.get("content", ())) == ([] if status == "304" else [media])


def _validator(endpoint: Endpoint, status: str) -> Draft202012Validator:
    [content] = endpoint.details["responses"][status]["content"].values()
    return Draft202012Validator({**content["schema"], "components": document()["components"]})


def test_what_is_read_and_refused_is_what_the_document_says(machine: MakeMachine, cast: Cast) -> None:
    asked = raise_exception(cast.agent, kind=ExceptionKind.QUESTION, title="How much?")
    caller, outsider = machine("chief"), machine("rival", "read")
    for endpoint in endpoints():
        if endpoint.method != "GET":
            continue
        path = endpoint.path.removeprefix("/api/v1").format(slug=cast.agent.slug, id=asked.pk, other=asked.pk)
        for who in (caller, outsider):
            status, answer = who.get(path)
            _validator(endpoint, str(status)).validate(answer)
    assert json.dumps(document()).count("/problems/") == 0
