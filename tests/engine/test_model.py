"""The gateway: a whole reply or a named fault, never anything between."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from referencing.exceptions import Unresolvable

from agents.engine import ModelFault
from agents.engine.exchange import ModelReply, Request
from agents.engine.faults import retry_after
from agents.engine.reading import LONGEST_PAGE, Reading
from agents.engine.schemas import problem
from tests.engine.provider import Act, Handler, Provider, cut_after, provider, says, status

HELLO = [{"role": "user", "content": "Hello there"}]
SCHEMA = {
    "type": "object",
    "properties": {"intent": {"enum": ["refund", "other"]}},
    "required": ["intent"],
    "additionalProperties": False,
}


def ask(server: Provider, **changes: Any) -> ModelReply:
    asked: dict[str, Any] = {"model": "m-1", "max_tokens": 50, "timeout_s": 5.0}
    return server.gateway().chat(HELLO, **(asked | changes))


def fault(*script: Act, **changes: Any) -> ModelFault:
    with provider(*script) as server, pytest.raises(ModelFault) as raised:
        ask(server, **changes)
    assert not server.script, "the whole script was asked for"
    return raised.value


def test_a_reply_comes_with_its_tokens_cost_model_and_request() -> None:
    with provider(says("Good ", "morning")) as server:
        reply = ask(server)
    assert (reply.text, reply.model, reply.finish_reason, reply.request_id) == (
        ("Good morning", "m-1-2026", "stop", "req-1")
    )
    assert (reply.tokens_in, reply.tokens_out, reply.cost_micros, reply.retries) == (100, 20, 1200, ())
    assert reply.usage("p7").prompt_version == "p7"
    assert server.asked[0]["max_tokens"] == 50


def test_without_usage_tokens_are_estimated() -> None:
    with provider(says("x" * 80, usage=False)) as server:
        reply = ask(server)
    assert (reply.tokens_in, reply.tokens_out) == (3, 21)


@pytest.mark.parametrize("tokens", [-5, 2**40, 999_999_999, None, "many", 1.5])
def test_usage_that_is_no_count_is_estimated_not_believed(tokens: Any) -> None:
    def act(http: Handler) -> None:
        http.open_stream()
        http.delta("x" * 80, "stop", model="m-1" + "9" * 500)
        http.chunk(usage={"prompt_tokens": tokens, "completion_tokens": 20, "total_tokens": 1})
        http.event("[DONE]")

    with provider(act) as server:
        reply = ask(server)
    assert (reply.tokens_in, reply.tokens_out, len(reply.model) <= 120) == (3, 21, True)


def test_an_estimate_counts_the_text_by_four_and_the_whole_of_what_may_come() -> None:
    with provider() as server:
        assert server.gateway().estimate(Request(HELLO, "m-1", 50)) == 10 * (3 + 50)


def test_structured_output_is_asked_for_and_proved() -> None:
    with provider(says('{"intent":', '"refund"}')) as server:
        assert ask(server, schema=SCHEMA).data == {"intent": "refund"}
    assert server.asked[0]["response_format"]["json_schema"]["schema"] == SCHEMA


@pytest.mark.filterwarnings("ignore:Automatically retrieving")
def test_no_schema_is_fetched_from_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr("urllib.request.urlopen", lambda *call: asked.append(call))
    with pytest.raises(Unresolvable):
        problem({"$ref": "http://elsewhere.example/schema"}, {})
    assert asked == []


def test_data_that_do_not_fit_are_sent_back_with_what_is_wrong() -> None:
    with provider(says('{"intent": "money"}'), says("oops"), says('{"intent": "other"}')) as server:
        reply = ask(server, schema=SCHEMA)
    assert (reply.data, reply.retries, reply.cost_micros) == ({"intent": "other"}, ("bad_data", "bad_data"), 3600)
    told = [message["content"] for message in server.asked[2]["messages"][1:]]
    assert told[0] == '{"intent": "money"}'
    assert told[1].startswith("Your answer does not fit: intent: 'money' is not one of")
    assert told[3] == "Your answer does not fit: it is not JSON. Answer again, with the JSON only."


def test_the_third_misfit_is_a_fault_with_all_that_was_spent() -> None:
    raised = fault(*[says("{")] * 3, schema=SCHEMA)
    assert (raised.kind, raised.partial, raised.usage and raised.usage.cost_micros) == ("bad_data", {"text": "{"}, 3600)


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (status(500), "provider_error"),
        (status(200, {"error": {"message": "overloaded"}}), "error_body"),
        (lambda http: http.send(200, b"<html>Bad gateway</html>", content_type="text/html"), "not_a_reply"),
        (lambda http: http.send(200, b""), "empty"),
        (lambda http: http.send(200, b'{"choices": ['), "not_a_reply"),
        (lambda http: http.send(200, b"[" * 60_000), "not_a_reply"),
        (lambda http: http.send(200, b"x" * 200_000, content_type="text/plain"), "not_a_reply"),
        (says(""), "empty"),
        (cut_after("Dear cust"), "cut"),
        (cut_after(), "empty"),
        (cut_after("Dear cust", promised=10_000), "cut"),
        (cut_after(promised=10_000), "unreachable"),
        (says("Hi", model="other-2"), "wrong_model"),
        (says("x" * 2000), "too_long"),
        (status(429), "rate_limited"),
    ],
)
def test_a_fault_that_may_pass_is_tried_three_times_in_all(act: Act, kind: str) -> None:
    raised = fault(act, act, act)
    assert (raised.kind, raised.retryable) == (kind, True)


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (status(401), "rejected"),
        (status(404), "rejected"),
        (status(429, {"error": {"message": "quota", "code": "insufficient_quota"}}), "quota"),
        (says("I can", finish="length"), "cut_short"),
        (says("", finish="content_filter"), "refused"),
        (says("", refusal="I will not."), "refused"),
    ],
)
def test_a_fault_that_will_not_pass_is_tried_once(act: Act, kind: str) -> None:
    raised = fault(act)
    assert (raised.kind, raised.retryable) == (kind, False)


class Endless:
    """A page that never ends, one kilobyte at a time."""

    closed = read = 0

    def iter_bytes(self) -> Iterator[bytes]:
        while True:
            self.read += 1
            yield b"x" * 1024

    def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize(("seconds", "pieces"), [(60, LONGEST_PAGE // 1024 + 1), (-1, 1)], ids=["longest", "in-time"])
def test_a_page_without_an_end_is_read_so_far_and_so_long(seconds: int, pieces: int) -> None:
    page = Endless()
    Reading(50, time.monotonic() + seconds)._page(page)
    assert (page.read, page.closed) == (pieces, 1)


def garbled(data: str) -> Act:
    def act(http: Handler) -> None:
        http.open_stream()
        http.event(data)

    return act


@pytest.mark.parametrize(
    "data",
    ["{", '"text"', '{"choices": 7}', '{"choices": [{"delta": {"content": {}}}]}', "[]", "[" * 100_000],
)
def test_a_garbled_stream_is_no_reply(data: str) -> None:
    assert fault(*[garbled(data)] * 3).kind in ("not_a_reply", "empty")


@pytest.mark.parametrize("model", [["m-1"], {"name": "m-1"}, 7])
def test_a_model_whose_name_is_no_name_is_another(model: Any) -> None:
    assert fault(*[says("Hi", model=model)] * 3).kind == "wrong_model"


def test_a_model_s_name_is_kept_as_postgresql_takes_it() -> None:
    with provider(says("Hi", model="m-1\x00\ud800")) as server:
        assert ask(server).model == "m-1�?"


def test_an_error_inside_the_stream_is_told() -> None:
    raised = fault(*[garbled('{"error": {"message": "overloaded"}}')] * 3)
    assert (raised.kind, str(raised)) == ("error_body", "The model answered with an error: overloaded")


def test_a_short_pause_is_waited_out_and_a_recovered_call_says_so() -> None:
    with provider(status(429, retry_after="2"), says("Hi")) as server:
        assert ask(server).retries == ("rate_limited",)
    assert server.slept == [2.0]


def test_a_long_pause_is_left_to_the_run() -> None:
    assert fault(status(429, retry_after="30")).retry_after == 30.0


def test_backoff_is_capped_and_jittered() -> None:
    with provider(*[status(503)] * 2, says("Hi")) as server:
        ask(server)
    assert len(server.slept) == 2
    assert 0.0 <= server.slept[0] <= 0.5
    assert 0.0 <= server.slept[1] <= 1.0


def test_a_hanging_provider_is_a_timeout() -> None:
    over = threading.Event()

    def hang(http: Handler) -> None:
        over.wait(60)

    raised = fault(hang, hang, hang, timeout_s=0.05)
    over.set()
    assert (raised.kind, raised.retryable) == ("timeout", True)


def test_a_dripping_reply_runs_into_the_deadline_and_keeps_its_text() -> None:
    over = threading.Event()

    def drip(http: Handler) -> None:
        http.open_stream()
        http.delta("drop ")
        http.delta("drop ")
        while not over.wait(0.02):
            http.delta("drop ")

    raised = fault(status(500), status(500), drip, timeout_s=1)
    over.set()
    assert raised.kind == "timeout"
    assert raised.partial["text"].startswith("drop drop")


def test_a_closed_port_is_unreachable() -> None:
    with provider() as server:
        server.server_close()
        with pytest.raises(ModelFault) as raised:
            ask(server)
    assert (raised.value.kind, raised.value.retryable) == ("unreachable", True)


def test_a_cut_reply_keeps_its_text_and_costs_what_had_come() -> None:
    raised = fault(*[cut_after("x" * 40)] * 3)
    assert raised.partial == {"text": "x" * 40}
    assert raised.usage is not None
    assert (raised.usage.tokens_in, raised.usage.tokens_out) == (9, 33)


def test_a_call_that_might_exceed_its_limit_is_not_made() -> None:
    with provider() as server, pytest.raises(ModelFault) as raised:
        ask(server, cost_limit_micros=529)
    assert (raised.value.kind, server.asked) == ("cost_limit", [])


def test_a_retry_that_might_exceed_the_limit_is_not_made_either() -> None:
    raised = fault(says("{"), schema=SCHEMA, cost_limit_micros=1800)
    assert (raised.kind, raised.usage and raised.usage.cost_micros) == ("cost_limit", 1200)


def test_no_key_is_ever_told() -> None:
    assert "sk-" not in str(fault(status(401, {"error": {"message": "Incorrect API key provided: sk-secret"}})))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0", 1.0),
        ("-5", 1.0),
        ("1000000000", 900.0),
        ("soon", None),
        ("nan", None),
        (None, None),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
    ],
)
def test_a_wait_asked_for_is_held_in_bounds(header: str | None, seconds: float | None) -> None:
    assert retry_after(header) == seconds


def test_a_wait_may_be_a_date() -> None:
    now = datetime.now(UTC)
    assert retry_after(format_datetime(now - timedelta(days=3), usegmt=True)) == 1.0
    wait = retry_after(format_datetime(now + timedelta(seconds=60), usegmt=True))
    assert wait is not None
    assert 55 < wait <= 60
