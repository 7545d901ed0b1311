"""Every way a provider fails can be scripted, and is met once."""

import json
from typing import Any

import openai
import pytest
from openai import OpenAI

from agents.rehearsal.server import local
from tests.rehearsal.asking import POLICY
from tests.rehearsal.fixtures import Rehearsal

MESSAGES: Any = [{"role": "user", "content": POLICY.format("How many bags can I take in economy?")}]


def create(client: OpenAI, **options: Any) -> Any:
    return client.chat.completions.create(model="rehearsal-small", messages=MESSAGES, **options)


def content(client: OpenAI) -> Any:
    return create(client).choices[0].message.content


@pytest.mark.parametrize("wait", [None, 3, 1e9, -5, "Wed, 21 Oct 2015 07:28:00 GMT"])
def test_a_rate_limit_carries_any_retry_after(rehearsal: Rehearsal, client: OpenAI, wait: Any) -> None:
    rehearsal.script([{"kind": "429"} | ({} if wait is None else {"retry_after": wait})])
    with pytest.raises(openai.RateLimitError) as caught:
        create(client)
    assert caught.value.response.headers.get("Retry-After") == (None if wait is None else str(wait))


def test_a_behaviour_is_met_once_and_then_all_is_well(rehearsal: Rehearsal, client: OpenAI) -> None:
    rehearsal.script(["ok", "500"])
    assert content(client)
    with pytest.raises(openai.InternalServerError):
        create(client)
    assert content(client)


@pytest.mark.parametrize("behaviour", [{"kind": "hang", "seconds": 30}, {"kind": "slow", "seconds": 30}])
def test_a_hang_runs_into_the_clients_timeout(rehearsal: Rehearsal, client: OpenAI, behaviour: Any) -> None:
    rehearsal.script([behaviour])
    with pytest.raises(openai.APITimeoutError):
        create(client, timeout=0.05)


def test_a_slow_answer_still_comes(rehearsal: Rehearsal, client: OpenAI) -> None:
    rehearsal.script([{"kind": "slow", "seconds": 0.01}])
    assert content(client)


def test_a_stream_is_cut_after_so_many_chunks(rehearsal: Rehearsal, client: OpenAI) -> None:
    rehearsal.script([{"kind": "cut_stream", "after": 3}])
    got: list[Any] = []
    with create(client, stream=True) as stream, pytest.raises(openai.APIConnectionError):
        got.extend(chunk.choices[0].delta.content for chunk in stream)
    assert len(got) == 3


def test_a_whole_answer_is_cut_in_half(rehearsal: Rehearsal, client: OpenAI) -> None:
    rehearsal.script(["cut_stream"])
    with pytest.raises(openai.APIConnectionError):
        create(client)


@pytest.mark.parametrize("kind", ["bad_json", "empty"])
def test_a_spoiled_body_is_no_completion(rehearsal: Rehearsal, client: OpenAI, kind: str) -> None:
    rehearsal.script([kind])
    with pytest.raises(json.JSONDecodeError):
        create(client)


def test_a_spoiled_message_stands_in_a_sound_body(rehearsal: Rehearsal, client: OpenAI) -> None:
    honest = content(client)
    rehearsal.script([{"kind": "bad_json", "in": "content"}, {"kind": "empty", "in": "content"}])
    assert [content(client), content(client)] == [honest[: len(honest) // 2], ""]


def test_an_html_page_comes_with_status_200(rehearsal: Rehearsal, client: OpenAI) -> None:
    rehearsal.script(["html"])
    raw = client.chat.completions.with_raw_response.create(model="rehearsal-small", messages=MESSAGES)
    assert (raw.status_code, raw.headers["Content-Type"]) == (200, "text/html; charset=utf-8")


def test_an_error_comes_with_status_200(rehearsal: Rehearsal, client: OpenAI) -> None:
    rehearsal.script(["error_body"])
    raw = client.chat.completions.with_raw_response.create(model="rehearsal-small", messages=MESSAGES)
    assert json.loads(raw.text)["error"]["type"] == "overloaded_error"


def test_another_model_may_answer(rehearsal: Rehearsal, client: OpenAI) -> None:
    rehearsal.script(["wrong_model"])
    assert create(client).model == "another-model"


def test_a_reply_may_be_huge(rehearsal: Rehearsal, client: OpenAI) -> None:
    rehearsal.script([{"kind": "huge", "bytes": 100_000}])
    assert len(content(client)) >= 100_000


def test_a_reply_may_be_given_word_for_word(rehearsal: Rehearsal, client: OpenAI) -> None:
    rehearsal.script([{"kind": "reply", "text": "Yes."}, {"kind": "reply", "tool": "pay", "arguments": "{broken"}])
    assert content(client) == "Yes."
    call = create(client).choices[0].message.tool_calls[0]
    assert (call.function.name, call.function.arguments) == ("pay", "{broken")


@pytest.mark.parametrize(
    ("peer", "open_door"),
    [("127.0.0.1", True), ("::1", True), ("10.0.0.7", False), ("2001:db8::1", False), (None, False)],
)
def test_the_control_door_is_open_to_this_machine_only(peer: str | None, open_door: bool) -> None:
    assert local(peer) is open_door


@pytest.mark.parametrize("script", [[{"kind": "explode"}], ["nothing"], {"kind": "ok"}, [3]])
def test_a_script_that_cannot_be_played_is_refused_whole(rehearsal: Rehearsal, script: Any) -> None:
    status, answer = rehearsal.request("POST", "/control/script", script)
    assert status == 400
    assert answer["error"]["type"] == "bad_script"


def test_calls_are_remembered_without_credentials(rehearsal: Rehearsal, client: OpenAI) -> None:
    create(client, extra_headers={"X-Run": "r1"})
    (call,) = rehearsal.calls()
    assert (call["path"], call["headers"]["x-run"]) == ("/v1/chat/completions", "r1")
    assert call["body"]["messages"] == MESSAGES
    assert "authorization" not in call["headers"]


def test_the_vendor_acts_once_for_each_key(rehearsal: Rehearsal) -> None:
    order = {"amount": 5}
    first, again = (
        rehearsal.request("POST", "/vendor/acme/effects", order, **{"Idempotency-Key": "k1"}) for _ in range(2)
    )
    other = rehearsal.request("POST", "/vendor/acme/effects", order, **{"Idempotency-Key": "k2"})
    assert first == again == (201, {"id": "acme-1", "vendor": "acme"})
    assert other == (201, {"id": "acme-2", "vendor": "acme"})
    assert [(e["key"], e["repeated"]) for e in rehearsal.effects("acme")] == [
        ("k1", False),
        ("k1", True),
        ("k2", False),
    ]


@pytest.mark.parametrize(("done", "effects"), [(False, 0), (True, 1)])
def test_a_vendor_fails_before_or_after_the_effect(rehearsal: Rehearsal, done: bool, effects: int) -> None:
    rehearsal.script([{"kind": "500", "for": "acme", "done": done}])
    assert rehearsal.request("POST", "/vendor/acme/effects", {})[0] == 500
    assert len(rehearsal.effects("acme")) == effects
