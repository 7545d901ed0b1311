"""Texts as vectors, where an embedding endpoint is given (R-198): what lies near means something like it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from agents.fleet.endpoints import client

LONGEST = 8000
"""Characters of one text that are sent: more than a passage has."""
TIMEOUT_S = 10.0
MILLION = 1_000_000


class NoVectors(Exception):
    """The endpoint failed, or gave something else; the message says what in a word."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """Vectors of length 1, in the order of the texts; money in micro-units of USD."""

    vectors: list[list[float]]
    tokens: int
    cost_micros: int


def embedding_model() -> str:
    """The model that makes vectors, "" where no endpoint is given: then nothing is looked up by meaning."""
    return str(settings.EMBEDDING_MODEL)


def most_micros(text: str) -> int:
    """What the vector of `text` may cost at most: a token has a character at least."""
    return _cost(min(len(text), LONGEST) + 1)


def embedded(texts: Sequence[str]) -> Embedded:
    """The vectors of these texts, in one request. Raises NoVectors."""
    import openai  # takes over a second

    endpoint = client(settings.EMBEDDING_BASE_URL, settings.EMBEDDING_API_KEY).with_options(timeout=TIMEOUT_S)
    said = [text[:LONGEST] for text in texts]
    try:
        reply = endpoint.embeddings.create(model=embedding_model(), input=said, encoding_format="float")
        vectors = [_normal(one.embedding) for one in sorted(reply.data, key=lambda one: one.index)]
        tokens = int(reply.usage.prompt_tokens)
    except (openai.OpenAIError, AttributeError, TypeError, ValueError) as error:  # what is no answer is read as one
        raise NoVectors(type(error).__name__) from error
    if len(vectors) != len(said) or not all(vectors):
        raise NoVectors("incomplete")
    return Embedded(vectors, tokens, _cost(tokens))


def _normal(vector: Sequence[float]) -> list[float]:
    """Of length 1; empty for what has no direction."""
    length = math.hypot(*vector)
    return [value / length for value in vector] if 0 < length < math.inf else []


def _cost(tokens: int) -> int:
    """Micro-units of USD, rounded up."""
    return -(-settings.EMBEDDING_PRICE_MICROS * tokens // MILLION)
