"""What a node's call is given and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from agents.engine.state import Json


class Effect(StrEnum):
    """What a call does outside. Everything but READ is announced in the journal before it is made."""

    READ = "read"
    MODEL = "model"
    WRITE = "write"
    DESTRUCTIVE = "destructive"

    @property
    def changes_the_world(self) -> bool:
        return self in (Effect.WRITE, Effect.DESTRUCTIVE)


@dataclass(frozen=True, slots=True)
class Usage:
    """What a call consumed: tokens, and money in millionths of `currency`."""

    model: str = ""
    prompt_version: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    cost_micros: int = 0
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Result:
    """A call's output (JSON), why it came out so (a router's choice and confidence), and what it consumed."""

    output: Json = None
    reason: str = ""
    usage: Usage = Usage()


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is asked. The answer must fit `schema` (JSON Schema) and becomes the output of step `key`."""

    reason: str
    title: str
    detail: str = ""
    schema: Mapping[str, Json] = field(default_factory=dict)
    proposal: Json = None
    severity: str = "normal"
    briefing: Mapping[str, str] = field(default_factory=dict)
    """Of a handoff: what is wanted, tried, why it was not enough, suggested; without one of them it is no handoff."""
    key: str = ""
    """Where the answer will be recorded; the engine fills it in."""


class SubCall(Protocol):
    """Makes one call inside a node and journals it under the node's key and a running number."""

    spent_micros: int  # by all of them so far

    def __call__(
        self,
        what: str,
        call: Callable[[], Result],
        *,
        input: Json,
        effect: Effect = Effect.READ,
        cost_micros: int = 0,
        idempotent: bool = False,
    ) -> Json:
        """The call's output. Raises StepFault when it failed for good."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a call may see: the parts of the state its node reads, and the services the run brought along."""

    key: str
    """Unique in the run and the same on every replay: the idempotency key of whatever the call sends."""
    input: Mapping[str, Json]
    services: Any
    cost_micros: int
    """The most this call may cost."""
    call: SubCall
    """For a node of several calls: each is journalled by itself, so none is made or paid twice."""


Call = Callable[[Context], Result | Question]


def result_of(call: Call, context: Context) -> Result:
    """What `call` gives, refusing anything that is no Result."""
    result = call(context)
    if not isinstance(result, Result):
        raise TypeError(f"“{context.key}” must return a Result, not {type(result).__name__}")
    return result


def question_of(call: Call, context: Context) -> Question:
    """What `call` asks, refusing anything that is no Question."""
    question = call(context)
    if not isinstance(question, Question):
        raise TypeError(f"“{context.key}” must return a Question, not {type(question).__name__}")
    return question
