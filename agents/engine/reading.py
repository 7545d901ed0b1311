"""Reading a streamed reply, piece by piece, so that a cut one leaves what had come."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

import openai

from agents.engine.errors import ModelFault
from agents.engine.faults import FaultKind, fault_of
from agents.engine.schemas import problem
from agents.engine.state import Json, storable

CHARS_PER_TOKEN = 4
"""The usual estimate where a provider reports no usage."""
LONGEST_TOKEN = 16
LONGEST_PAGE = 65_536
LONGEST_NAME = 120
MOST_TOKENS = 100_000_000  # all tries of a step together fit into PostgreSQL's integer
_cut = partial(ModelFault, FaultKind.CUT, "The reply was cut off", retryable=True)
_empty = partial(ModelFault, FaultKind.EMPTY, "The reply is empty", retryable=True)
_no_reply = partial(ModelFault, FaultKind.NOT_A_REPLY, "The reply is not in the expected form", retryable=True)


class Reading:
    """What has arrived of one reply; complete once a finish reason came."""

    def __init__(self, max_tokens: int, deadline: float) -> None:
        self.most = max_tokens * LONGEST_TOKEN
        self.deadline = deadline
        self.text = self.refusal = self.model = self.finish_reason = self.request_id = ""
        self.tokens_in = self.tokens_out = 0
        self.data: Json = None

    def read(self, stream: Any) -> None:
        """Read to the end. Raises ModelFault; what came before it stays in this reading."""
        headers = stream.response.headers
        self.request_id = headers.get("x-request-id", "")
        if not headers.get("content-type", "").startswith("text/event-stream"):
            raise _no_stream(self._page(stream.response))
        try:
            for chunk in stream:
                self._add(chunk)
        except openai.APIConnectionError as error:
            raise self._broken(error) from error
        except openai.APIError as error:
            raise fault_of(error) from error
        except (ValueError, TypeError, AttributeError, RecursionError) as error:  # built from whatever came
            raise _no_reply() from error
        self._insist_on_an_end()

    def check(self, model: str, schema: Mapping[str, Json] | None) -> None:
        """Raise ModelFault unless the model asked for has answered, and as the schema wants; fills `data`."""
        _insist_on_model(model, self.model)
        if schema is not None:
            self.data = _data(schema, self.text)

    def _page(self, response: Any) -> bytes:
        """The beginning of a body that is no event stream."""
        page = b""
        try:
            for piece in response.iter_bytes():
                page += piece
                if len(page) > LONGEST_PAGE or time.monotonic() > self.deadline:
                    break
        except Exception:  # transport errors come bare here, whatever the client's transport; what came will do
            return page
        finally:
            response.close()
        return page

    def _add(self, chunk: Any) -> None:
        self.model = storable(str(chunk.model or self.model))[:LONGEST_NAME]
        self.request_id = self.request_id or chunk.id
        if chunk.usage and _counts(told := (chunk.usage.prompt_tokens, chunk.usage.completion_tokens)):
            self.tokens_in, self.tokens_out = told
        for choice in chunk.choices[:1]:
            self.text += choice.delta.content or ""
            self.refusal += choice.delta.refusal or ""
            self.finish_reason = choice.finish_reason or self.finish_reason
        if len(self.text) > self.most:
            raise ModelFault(FaultKind.TOO_LONG, "The reply is far longer than was asked for", retryable=True)
        if time.monotonic() > self.deadline:
            raise ModelFault(FaultKind.TIMEOUT, "The reply took too long", retryable=True)

    def _broken(self, error: openai.APIConnectionError) -> ModelFault:
        if not self.text or isinstance(error, openai.APITimeoutError):
            return fault_of(error)
        return _cut()

    def _insist_on_an_end(self) -> None:
        if self.refusal or self.finish_reason == "content_filter":
            raise ModelFault(FaultKind.REFUSED, "The model refused to answer")
        if not self.finish_reason:
            raise _cut() if self.text else _empty()
        if self.finish_reason == "length":
            raise ModelFault(FaultKind.CUT_SHORT, "The reply was longer than the tokens allowed for it")
        if not self.text.strip():
            raise _empty()


def _counts(told: tuple[object, ...]) -> bool:
    """Whether these can be numbers of tokens; where not, they are estimated: nonsense is neither paid nor stored."""
    return all(type(one) is int and 0 <= one <= MOST_TOKENS for one in told)


def _no_stream(body: bytes) -> ModelFault:
    """A 200 that is no event stream: nothing at all, an error as JSON, or a page of some proxy."""
    if not body.strip():
        return _empty()
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return ModelFault(FaultKind.NOT_A_REPLY, "Something other than a model answered", retryable=True)
    if not isinstance(told, dict) or not told.get("error"):
        return _no_reply()
    return ModelFault(FaultKind.ERROR_BODY, f"The model answered with an error: {told['error']!s:.300}", retryable=True)


def _insist_on_model(asked: str, answered: str) -> None:
    """A dated snapshot of the model asked for is that model (“gpt-x” and “gpt-x-2026-01-01”)."""
    wanted, got = asked.rpartition("/")[2], answered.rpartition("/")[2]
    if got and not got.startswith(wanted) and not wanted.startswith(got):
        raise ModelFault(FaultKind.WRONG_MODEL, f"“{answered}” answered instead of “{asked}”", retryable=True)


def _data(schema: Mapping[str, Json], text: str) -> Json:
    try:
        data = storable(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise ModelFault(FaultKind.BAD_DATA, "it is not JSON", retryable=True) from error
    wrong = problem(schema, data)
    if wrong:
        raise ModelFault(FaultKind.BAD_DATA, wrong[:500], retryable=True)
    return data
