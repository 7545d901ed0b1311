"""A call to a model as it was asked for, and its whole reply."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agents.engine.call import Usage
from agents.engine.errors import ModelFault
from agents.engine.faults import FaultKind
from agents.engine.reading import CHARS_PER_TOKEN
from agents.engine.state import Json

Messages = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class ModelReply:
    """A whole reply. Tokens and cost include the retries that went before; `data` is set when a schema was asked."""

    text: str
    data: Json
    model: str
    tokens_in: int
    tokens_out: int
    cost_micros: int
    latency_ms: int
    finish_reason: str
    request_id: str
    retries: tuple[str, ...] = ()
    """Why each earlier try brought nothing."""

    def usage(self, prompt_version: str = "", currency: str = "USD") -> Usage:
        """What to record on the step."""
        return Usage(self.model, prompt_version, self.tokens_in, self.tokens_out, self.cost_micros, currency)


@dataclass(frozen=True, slots=True)
class Request:
    """One call as it was asked for."""

    messages: Messages
    model: str
    max_tokens: int
    schema: Mapping[str, Json] | None = None
    timeout_s: float = 60.0
    cost_limit_micros: int | None = None

    @property
    def tokens_in(self) -> int:
        """An estimate: characters by four, the schema included."""
        chars = sum(len(message["content"]) for message in self.messages)
        schema = len(json.dumps(self.schema)) if self.schema else 0
        return (chars + schema) // CHARS_PER_TOKEN + 1

    def body(self, limit_field: str) -> dict[str, Any]:
        """The arguments for `chat.completions.create`; always a stream, so that a cut reply leaves what had come."""
        body: dict[str, Any] = {
            "model": self.model,
            "messages": [dict(message) for message in self.messages],
            limit_field: self.max_tokens,
            "stream": True,
            "stream_options": {"include_usage": True},
            "timeout": self.timeout_s,
        }
        if self.schema is not None:
            wanted = {"name": "answer", "schema": self.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": wanted}
        return body

    def again(self, fault: ModelFault) -> Request:
        """The request for the next try; after data that did not fit, with the reply and what is wrong with it."""
        if fault.kind != FaultKind.BAD_DATA:
            return self
        correction = f"Your answer does not fit: {fault}. Answer again, with the JSON only."
        said = {"role": "assistant", "content": fault.partial["text"]}, {"role": "user", "content": correction}
        return replace(self, messages=[*self.messages, *said])
