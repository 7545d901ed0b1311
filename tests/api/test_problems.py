"""Whatever is wrong with a request, a machine gets one RFC 9457 problem with a request id, and nothing internal."""

import io
import json
import logging
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from agents.fleet import actions
from agents.fleet.models import Agent
from tests.api.conftest import MakeMachine

PATCH = "/agents/refund-agent"


def _problem(answer: tuple[int, Any], status: int, code: str) -> dict[str, Any]:
    found, body = answer
    assert (found, body["code"]) == (status, code)
    assert body["status"] == status
    assert body["type"] == f"urn:rollcall:problem:{code}"
    assert body["request_id"].startswith("req_")
    assert body["detail"].endswith((".", "…"))
    return dict(body)


@pytest.mark.parametrize("path", ["/nothing", "/agents/", "/runs/1", "/agents/rival-agent", "/agents/%00", "/"])
def test_an_unknown_address_is_a_problem(machine: MakeMachine, path: str) -> None:
    _problem(machine("owner").get(path), 404, "not_found")


@pytest.mark.parametrize("path", ["/api/nothing", "/api/v2/agents", "/api/v1/agents/x/y/z"])
def test_an_unknown_address_is_a_problem_without_a_token_too(path: str) -> None:
    response = Client().get(path)
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")


def test_a_wrong_method_names_the_right_ones(machine: MakeMachine) -> None:
    caller = machine("owner")
    _problem(caller.call("DELETE", "/agents"), 405, "method")
    response = caller.client.delete("/api/v1/agents")
    assert set(response["Allow"].split(", ")) == {"GET", "POST"}


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"name": "a", "name": "b"}',
        b'{"value_per_outcome_micros": NaN}',
        b'{"value_per_outcome_micros": -Infinity}',
        b'{"value_per_outcome_micros": 1e999}',
        b'{"value_per_outcome_micros": ' + b"9" * 5000 + b"}",
        b'\xef\xbb\xbf{"name": "a"}',
        '{"name": "ä"}'.encode("latin-1"),
        '{"name": "a"}'.encode("utf-16"),
        b"[" * 2000,
        b'{"name": ' + b"[" * 65 + b"]" * 65 + b"}",
        b"{'name': 'a'}",
        b'{"name": "a"} {"name": "b"}',
    ],
)
def test_a_body_that_two_parsers_could_read_differently_is_not_read(machine: MakeMachine, body: bytes) -> None:
    _problem(machine("owner").call("PATCH", PATCH, body), 400, "malformed")


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'"text"', b"1"])
def test_a_body_is_an_object(machine: MakeMachine, body: bytes) -> None:
    assert _problem(machine("owner").call("PATCH", PATCH, body), 422, "invalid")["fields"].keys() == {"body"}


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud800", "\udfff tail"])
def test_text_that_cannot_be_stored_is_named_by_its_field(machine: MakeMachine, text: str) -> None:
    caller = machine("owner")
    assert list(_problem(caller.call("PATCH", PATCH, {"purpose": text}), 422, "invalid")["fields"]) == ["purpose"]
    assert list(_problem(caller.post("/agents/refund-agent/runs", {"items": [text]}), 422, "invalid")["fields"]) == [
        "items.0"
    ]
    assert _problem(caller.call("PATCH", PATCH, {text: "x"}), 422, "invalid")["fields"]


def test_text_that_cannot_be_searched_for_is_refused(machine: MakeMachine) -> None:
    _problem(machine("owner").get("/runs?agent=%00"), 422, "invalid")
    _problem(machine("owner").get("/audit-events?verb=%00"), 422, "invalid")
    _problem(machine("chief").call("PUT", "/agents/refund-agent/owners/%00", {"role": "second"}), 422, "invalid")


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_only_json_is_taken(machine: MakeMachine, media: str) -> None:
    response = machine("owner").client.generic("PATCH", f"/api/v1{PATCH}", b'{"name": "a"}', content_type=media)
    _problem((response.status_code, response.json()), 415, "content_type")


@pytest.mark.parametrize("path", ["/agents/refund-agent/go-live", "/agents/refund-agent/runs"])
def test_more_than_can_be_taken_is_refused_with_or_without_a_key(machine: MakeMachine, path: str) -> None:
    caller, body = machine("owner"), b'"' + b"x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE + b'"'
    headers = {"Idempotency-Key": "once"}
    _problem(caller.call("POST", path, body, **headers), 413, "too_large")


@pytest.mark.parametrize(
    ("query", "field"),
    [("limit=0", "limit"), ("limit=201", "limit"), ("cursor=x", "cursor"), ("state=gone", "state")],
)
def test_a_query_that_cannot_be_taken_names_the_field(machine: MakeMachine, query: str, field: str) -> None:
    fields = _problem(machine("owner").get(f"/runs?{query}"), 422, "invalid")["fields"]
    assert [name.rpartition(".")[2] for name in fields] == [field]


def test_a_forged_host_is_a_problem(machine: MakeMachine) -> None:
    _problem(machine("owner").get("/agents", Host="evil.example"), 400, "malformed")


def test_a_failure_of_ours_says_nothing_internal_and_is_in_the_log_under_its_id(
    machine: MakeMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(agent: Agent, **how: Any) -> Agent:
        raise RuntimeError("the secret plumbing at /var/lib")

    monkeypatch.setattr(actions, "go_live", broken)
    caller, out = machine("owner"), io.StringIO()
    handler = next(h for h in logging.getLogger().handlers if getattr(h.formatter, "processors", None))
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(out)
    try:
        problem = _problem(caller.post("/agents/refund-agent/go-live"), 500, "internal")
    finally:
        handler.setStream(before)
    assert "plumbing" not in json.dumps(problem)
    logged = [json.loads(line) for line in out.getvalue().splitlines()]
    assert any(line["request_id"] == problem["request_id"] and "plumbing" in line["exception"] for line in logged)


def test_answers_are_never_cached_and_carry_the_request_id(machine: MakeMachine) -> None:
    response = machine("owner").client.get("/api/v1/agents")
    assert response["Cache-Control"] == "no-store"
    assert response["X-Request-Id"].startswith("req_")
    assert response["X-Content-Type-Options"] == "nosniff"
