"""OpenTelemetry traces of other people's agents become runs, whatever the encoding and the order."""

import gzip
import json
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from agents.connectors.otlp import read_binary, read_json
from agents.runs.models import Output, Run, RunException, Step
from tests.api.conftest import MakeMachine, machine
from tests.base.test_otlp import CHILD, REFERENCE, VALUES
from tests.base.test_otlp import ROOT as FIRST
from tests.base.test_otlp import TRACE as WHOLE
from tests.cast import Cast
from tests.ingest.traces import CHAT, QUESTION, REPLY, ROOT, TOOL, TRACE, a_request, a_span, a_trace, as_protobuf

__all__ = ["machine"]
pytestmark = pytest.mark.django_db
PROTOBUF, JSON = "application/x-protobuf", "application/json"
AGENT = "refund-agent"


def send(client: Client, body: bytes, media: str = JSON, **headers: str) -> tuple[int, bytes]:
    told = {"Content-Type": media, **{name.replace("_", "-"): value for name, value in headers.items()}}
    response = client.generic("POST", "/otel/v1/traces", body, content_type=media, headers=told)
    assert response["Content-Type"] == (PROTOBUF if media == PROTOBUF else JSON)
    return response.status_code, response.content


def as_json(given: Any) -> bytes:
    return json.dumps(given).encode()


def rejected(answer: bytes) -> int:
    return int(json.loads(answer)["partialSuccess"]["rejectedSpans"])


@pytest.mark.parametrize("media", [JSON, PROTOBUF], ids=["json", "protobuf"])
@pytest.mark.parametrize("packing", ["identity", "gzip"])
def test_a_trace_becomes_a_run_with_its_steps(machine: MakeMachine, media: str, packing: str) -> None:
    owner = machine("owner")
    body = as_json(a_trace(AGENT)) if media == JSON else as_protobuf(a_trace(AGENT))
    body = gzip.compress(body[:40]) + gzip.compress(body[40:]) if packing == "gzip" else body
    for _again in range(2):
        assert send(owner.client, body, media, Content_Encoding=packing) == (200, b"{}" if media == JSON else b"")
    run = Run.objects.get()
    assert (run.external_id, run.source, run.state, run.title) == (TRACE, "otlp", "done", QUESTION)
    assert run.input["text"][0]["role"] == "user"
    chat, tool = run.steps.order_by("seq")
    assert (chat.key, chat.kind, chat.model, chat.tokens_in, chat.cost_micros) == (CHAT, "role", "gpt-5-mini", 12, 2100)
    assert (tool.key, tool.kind, tool.node, tool.output) == (TOOL, "tool", "look_up", {"paid": True})
    assert (chat.cost_center, tool.use_case, chat.latency_ms, run.cost_micros) == ("care", "refunds", 2000, 2100)
    assert Output.objects.get().content == REPLY


def test_both_encodings_say_the_same() -> None:
    given = a_trace(AGENT)
    assert read_binary(as_protobuf(given)) == read_json(as_json(given))


def test_what_the_reference_writes_is_read() -> None:
    """The bytes are opentelemetry-proto's own (tests/base/test_otlp.py)."""
    root, child = read_binary(bytes.fromhex(REFERENCE)).spans
    assert (root.trace_id, root.span_id, root.is_root) == (WHOLE.hex(), FIRST.hex(), True)
    assert (child.span_id, child.parent_id, child.failed) == (CHILD.hex(), FIRST.hex(), True)
    assert root.attributes == VALUES


def test_inner_spans_may_come_before_the_first(machine: MakeMachine) -> None:
    owner, whole = machine("owner"), a_trace(AGENT)
    [scope] = whole["resourceSpans"][0]["scopeSpans"]
    root, *inner = scope["spans"]
    for place, spans in enumerate([inner[:1], inner[1:], [root], [root, *inner]]):
        scope["spans"] = spans
        assert send(owner.client, as_json(whole))[0] == 200
        assert Run.objects.get().state == ("done" if place >= 2 else "running")
    run = Run.objects.get()
    assert (run.title, run.steps.count(), run.cost_micros) == (QUESTION, 2, 2100)
    assert run.started_at
    assert run.finished_at
    assert (run.finished_at - run.started_at).total_seconds() == 9


def test_a_trace_that_failed_asks_for_people(machine: MakeMachine) -> None:
    said = {"openinference.span.kind": "AGENT"}
    failed = a_span(ROOT, "", "agent", 0, 1, said, error="The shop did not answer")
    assert send(machine("owner").client, as_json(a_request({"service.name": "Refund Agent"}, [failed])))[0] == 200
    assert Run.objects.get().state == "failed"
    assert RunException.objects.get().detail == "The shop did not answer"


def test_the_words_before_the_conventions_are_understood(machine: MakeMachine) -> None:
    """OpenLLMetry's numbered messages, OpenInference's names; a model's call that is all there is, is a step."""
    old: dict[str, Any] = {"gen_ai.system": "openai", "gen_ai.prompt.0.content": "Hi", "gen_ai.prompt.0.role": "user"}
    old |= {"gen_ai.completion.0.content": "Hello", "llm.model_name": "gpt-4o", "llm.token_count.completion": 5}
    given = a_request({"rollcall.agent": AGENT}, [a_span(ROOT, "", "x", 0, 1, old)])
    assert send(machine("owner").client, as_json(given))[0] == 200
    step = Step.objects.get()
    assert (step.model, step.tokens_out, step.output, step.run.title) == ("gpt-4o", 5, [{"content": "Hello"}], "Hi")


def test_a_bad_span_sinks_no_other(machine: MakeMachine) -> None:
    owner, given = machine("owner"), a_trace(AGENT)
    spans = given["resourceSpans"][0]["scopeSpans"][0]["spans"]
    spans += [{**spans[1], "spanId": "00"}, {**spans[1], "traceId": "z"}, {**spans[1], "startTimeUnixNano": "x"}, 7]
    given["resourceSpans"] += a_trace("nobody", "a" * 32)["resourceSpans"]
    status, answer = send(owner.client, as_json(given))
    assert (status, rejected(answer)) == (200, 7)
    assert Step.objects.count() == 2
    shorter = as_protobuf(a_request({"service.name": AGENT}, [{**spans[0], "spanId": "00"}, spans[1]]))
    status, answer = send(owner.client, shorter, PROTOBUF)
    assert (status, answer[:4]) == (200, bytes([10, len(answer) - 2, 8, 1]))


BOMB = gzip.compress(bytes(21 * 2**20), 1)


@pytest.mark.parametrize(
    ("body", "media", "packing", "status"),
    [
        (b"", PROTOBUF, "identity", 200),
        (b"{}", JSON, "identity", 200),
        (b"\x1a\x02hi", PROTOBUF, "identity", 200),
        (as_protobuf(a_trace(AGENT))[:-3], PROTOBUF, "identity", 400),
        (b'{"resourceSpans": []}', PROTOBUF, "identity", 400),
        (b"{", JSON, "identity", 400),
        (b"plain", PROTOBUF, "gzip", 400),
        (gzip.compress(b"x" * 99)[:-9], PROTOBUF, "gzip", 400),
        (BOMB, PROTOBUF, "gzip", 413),
        (b"", PROTOBUF, "br", 415),
        (b"", "text/plain", "identity", 415),
        (as_json(a_trace("nobody")), JSON, "identity", 404),
    ],
    ids=[
        *("empty", "empty-json", "unknown-field", "cut", "json-as-protobuf", "not-json"),
        *("not-gzip", "gzip-cut", "bomb", "br", "media", "unknown"),
    ],
)
def test_what_cannot_be_taken_is_refused_for_good(
    machine: MakeMachine, body: bytes, media: str, packing: str, status: int
) -> None:
    assert send(machine("owner").client, body, media, Content_Encoding=packing)[0] == status
    assert not Run.objects.exists()


def test_a_token_is_asked_for_and_its_scope(machine: MakeMachine, cast: Cast) -> None:
    assert send(Client(), as_json(a_trace(AGENT)))[0] == 401
    assert send(machine("owner", "read").client, as_json(a_trace(AGENT)))[0] == 403
    assert send(machine("rival").client, as_json(a_trace(AGENT)))[0] == 404
    assert machine("owner").client.get("/otel/v1/traces").status_code == 405


def test_without_a_database_it_is_to_be_sent_again(machine: MakeMachine) -> None:
    owner = machine("owner")

    def gone(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        raise OperationalError("gone")

    with connection.execute_wrapper(gone):
        response = owner.client.generic("POST", "/otel/v1/traces", as_json(a_trace(AGENT)), content_type=JSON)
    assert (response.status_code, int(response["Retry-After"]) > 0) == (503, True)
