"""The real openai client finds a server it understands."""

from typing import Any, Literal

import openai
import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletionMessageParam
from pydantic import BaseModel

from tests.rehearsal.asking import POLICY
from tests.rehearsal.fixtures import Rehearsal
from tests.rehearsal.test_answers import CANCEL

SMALL = "rehearsal-small"


def said(text: str) -> list[ChatCompletionMessageParam]:
    return [{"role": "user", "content": text}]


class Ticket(BaseModel):
    category: Literal["cancellation", "change", "other"]
    confidence: float
    reservation_id: str | None


def test_the_models_are_listed(client: OpenAI) -> None:
    assert [m.id for m in client.models.list()] == ["rehearsal-small", "rehearsal-standard", "rehearsal-large"]


def test_an_answer_names_itself_a_rehearsal_and_counts_tokens(client: OpenAI) -> None:
    raw = client.chat.completions.with_raw_response.create(model="any-model", messages=said("12345"))
    answer = raw.parse()
    assert (raw.headers["X-Rehearsal"], answer.system_fingerprint, answer.model) == ("1", "rehearsal", "any-model")
    assert answer.usage is not None
    text = answer.choices[0].message.content or ""
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (2, -(-len(text) // 4))


def test_a_pydantic_model_is_parsed(client: OpenAI) -> None:
    answer = client.chat.completions.parse(model=SMALL, messages=said("Cancel SI5UKW now"), response_format=Ticket)
    ticket = answer.choices[0].message.parsed
    assert ticket is not None
    assert (ticket.category, ticket.reservation_id) == ("cancellation", "SI5UKW")


def test_a_stream_says_the_same_as_a_whole_answer(client: OpenAI) -> None:
    messages = said(POLICY.format("How many bags can I take in economy?"))
    whole = client.chat.completions.create(model=SMALL, messages=messages)
    with client.chat.completions.create(
        model=SMALL, messages=messages, stream=True, stream_options={"include_usage": True}
    ) as stream:
        chunks = list(stream)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole.choices[0].message.content
    assert chunks[-1].usage == whole.usage


def test_a_tool_call_arrives_whole_and_streamed(client: OpenAI) -> None:
    options: dict[str, Any] = {"model": SMALL, "messages": said("Cancel my reservation SI5UKW"), "tools": [CANCEL]}
    whole = client.chat.completions.create(**options).choices[0]
    with client.chat.completions.stream(**options) as stream:
        streamed = stream.get_final_completion().choices[0]
    calls = [choice.message.tool_calls for choice in (whole, streamed)]
    assert [[(call.function.name, call.function.arguments) for call in listed or []] for listed in calls] == [
        [("cancel_reservation", '{"reservation_id": "SI5UKW", "reason": "Cancel my reservation SI5UKW"}')]
    ] * 2
    assert (whole.finish_reason, streamed.finish_reason) == ("tool_calls", "tool_calls")


def test_a_token_limit_cuts_the_answer_and_says_so(client: OpenAI) -> None:
    choice = client.chat.completions.create(model=SMALL, messages=said("Hello"), max_completion_tokens=3).choices[0]
    assert (choice.finish_reason, choice.message.content) == ("length", "I could not ")


def test_a_rate_limit_is_retried_by_the_client(rehearsal: Rehearsal, client: OpenAI) -> None:
    rehearsal.script([{"kind": "429", "retry_after": 0.01}])
    patient = client.with_options(max_retries=1)
    assert patient.chat.completions.create(model=SMALL, messages=said("Hello")).choices
    assert len(rehearsal.calls()) == 2


def test_a_schema_that_cannot_be_read_is_refused(client: OpenAI) -> None:
    broken: Any = {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object", "properties": 3}}}
    with pytest.raises(openai.BadRequestError, match="cannot be read"):
        client.chat.completions.create(model=SMALL, messages=said("Hello"), response_format=broken)


def test_a_request_without_messages_is_refused(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="at least one message"):
        client.chat.completions.create(model=SMALL, messages=[])
