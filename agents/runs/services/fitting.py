"""Shortening what a model is given before it overflows: the sentences that say least of what is asked go first (R-192).

By words, without a model: nothing is paid for it, and the same text is always shortened alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.base.phrases import phrase
from agents.engine.words import empty_words, words

if TYPE_CHECKING:
    from agents.engine.exchange import Messages

FULL = 0.8
"""The share of its window that a model is given at most, answer included: beyond that it loses track."""
AT_PEAK = 0.4
"""The same while work of others waits for workers: what is short is answered sooner (R-193)."""
LEAST = 400
"""Characters that are left of each piece, however full the window is."""
CHARS_PER_TOKEN = 4  # the gateway's own estimate; importing it would bring the openai client along
SHORTENED = phrase(
    "shortened from about %(before)s to %(after)s tokens, the model takes %(window)s; left out: %(left)s characters"
)
UNDER_LOAD = phrase("under load at most %(percent)s %% of the window is filled")
OVERFLOW, SUMMARY = "overflow", "summary"
"""The policy's rule for what does not fit, and its value for “summarised by a model first”; else by words alone."""
PIECE = re.compile(r"(?<=\n)<(?P<name>\w+)>\n(?P<text>.*?)\n</(?P=name)>(?=\n=== )", re.DOTALL)
ASKED = ("message", "item", "input", "task", "question")
"""Pieces that say what is asked; they are shortened last."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """`why` says what was left out, "" where nothing was."""

    messages: Messages
    why: str = ""


def excess(tokens_in: int, max_tokens: int, window: int | None, share: float) -> int:
    """By how many characters a request of `tokens_in` fills more than its `share` of the window; 0 where it fits."""
    most = int(share * window) - max_tokens if window else tokens_in
    return max(tokens_in - most, 0) * CHARS_PER_TOKEN


def fitted(messages: Messages, tokens_in: int, max_tokens: int, window: int | None, share: float = FULL) -> Fitted:
    """The messages, shortened where they and the answer would fill more of the window than they should.

    `tokens_in` is the estimate for the whole request. Only the data are shortened, longest piece first; what our own
    instructions say stays. Without a known window nothing is.
    """
    over = excess(tokens_in, max_tokens, window, share)
    if not over:
        return Fitted(messages)
    texts = [message["content"] if message["role"] != "system" else "" for message in messages]
    pieces = [found for text in texts for found in PIECE.finditer(text)]
    asked = _telling(" ".join(piece["text"] for piece in pieces if piece["name"] in ASKED))
    shorter: dict[str, str] = {}
    for piece in sorted(pieces, key=lambda one: (one["name"] in ASKED, -len(one["text"]))):
        if over > 0:
            kept = _shortened(piece["text"], max(len(piece["text"]) - over, LEAST), asked)
            over -= len(piece["text"]) - len(kept)
            shorter[piece[0]] = piece[0].replace(piece["text"], kept)
    left = ", ".join(f"{_name(whole)} −{len(whole) - len(kept)}" for whole, kept in shorter.items() if whole != kept)
    spared = sum(len(whole) - len(kept) for whole, kept in shorter.items()) // CHARS_PER_TOKEN
    why = SHORTENED % {"before": tokens_in, "after": tokens_in - spared, "window": window, "left": left}
    return Fitted([_with(message, shorter) for message in messages], why if left else "")


def _with(message: Mapping[str, str], shorter: Mapping[str, str]) -> dict[str, str]:
    content = message["content"]
    for whole, kept in shorter.items() if message["role"] != "system" else ():
        content = content.replace(whole, kept)
    return {**message, "content": content}


def _name(piece: str) -> str:
    return piece[1 : piece.index(">")]


def _shortened(text: str, most: int, asked: frozenset[str]) -> str:
    """Of its sentences those that share most words with what is asked, in their order; the first of equals."""
    parts = [part for line in re.split(r"(?<=[.!?…])\s+|\n+", text) for part in _cut(line)]
    best = sorted(range(len(parts)), key=lambda place: (-len(_telling(parts[place]) & asked), place))
    kept, room = set[int](), most
    for place in best:
        if len(parts[place]) < room:
            kept.add(place)
            room -= len(parts[place]) + 1
    return "\n".join(parts[place] for place in sorted(kept))


def _cut(line: str) -> Sequence[str]:
    """A line no longer than a piece's least length, so that one without sentences can be shortened too."""
    return [line[start : start + LEAST // 2] for start in range(0, len(line), LEAST // 2)]


def _telling(text: str) -> frozenset[str]:
    return frozenset(words(text)) - empty_words()
