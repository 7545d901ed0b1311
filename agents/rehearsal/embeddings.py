"""POST /v1/embeddings: a text as the concepts its words stand for, so that the same text always lies in one place."""

import hashlib
import json
import math
from collections import Counter
from typing import Any

from aiohttp import web

from agents.rehearsal.completions import STATE, failure, refusal
from agents.rehearsal.lexicon import STOPWORDS
from agents.rehearsal.text import key, words
from agents.rehearsal.wire import tokens

WHOM = "embeddings"
"""For whom a script's behaviours must be to be met here; a `reply` brings its own `vectors`."""
DIMENSIONS = 256


def vector(text: str) -> list[float]:
    """Of length 1: each word's concept counts in one of the dimensions. No word at all: the first dimension."""
    counts = Counter(_dimension(key(word)) for word in words(text) if word not in STOPWORDS) or Counter([0])
    length = math.hypot(*counts.values())
    return [round(counts[place] / length, 6) for place in range(DIMENSIONS)]


async def embed(http: web.Request) -> web.StreamResponse:
    """A vector for each text of `input`, as the script's next behaviour says."""
    try:
        asked = json.loads(await http.text())
        model, given = asked["model"], asked["input"]
        texts = [given] if isinstance(given, str) else [str(text) for text in given]
    except (ValueError, KeyError, TypeError):
        return refusal(400, "A request needs a model and texts as input, as JSON.", "invalid_request_error")
    http.app[STATE].calls.note(http.path, http.headers, asked)
    act = http.app[STATE].script.take(WHOM)
    vectors = act.get("vectors") or [vector(text) for text in texts]
    return await failure(http, act) or web.json_response(_listed(model, texts, vectors))


def _listed(model: str, texts: list[str], vectors: list[list[float]]) -> dict[str, Any]:
    used = sum(map(tokens, texts))
    data = [{"object": "embedding", "index": place, "embedding": one} for place, one in enumerate(vectors)]
    return {"object": "list", "model": model, "data": data, "usage": {"prompt_tokens": used, "total_tokens": used}}


def _dimension(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest()) % DIMENSIONS
