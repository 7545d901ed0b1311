"""Looking something up, by words and, where an embedding endpoint is given, by meaning."""

from collections.abc import Sequence
from typing import cast

from agents.base.phrases import phrase
from agents.engine import Context, Effect, Json
from agents.fleet.embedding import most_micros
from agents.runs.services import Services
from agents.runs.services.knowledge import Passage
from agents.runs.services.reads import STATEMENTS, search_each

BY_MEANING = phrase("the passages that lie nearest by meaning")
LONGEST = 2000
"""Characters of what is asked that are compared by meaning."""
LOOK_UP_MICROS = 500
"""The most a node may spend on looking up."""


def look_up(context: Context, text: str, limit: int) -> list[Passage]:
    """The passages for `text`, best first. What its vector costs is a step of its own, made and paid once."""
    knowledge = cast(Services, context.services).knowledge
    if not knowledge.by_meaning:
        return knowledge.search(text, limit)
    said = text[:LONGEST]
    near = context.call(
        BY_MEANING,
        lambda: knowledge.nearest(said),
        input={"text": said},
        effect=Effect.MODEL,
        cost_micros=most_micros(said),
    )
    return knowledge.search(text, limit, near)


def look_up_each(context: Context, texts: Sequence[str], limit: int) -> tuple[list[list[Passage]], dict[str, Json]]:
    """The same for several texts at once, with what that saved: requests for vectors, or statements to the database."""
    knowledge, said = cast(Services, context.services).knowledge, [text[:LONGEST] for text in texts]
    saved: dict[str, Json] = {"size": len(texts), "calls": 0, "tokens": 0, "micros": 0, "reads": 0}
    if not knowledge.by_meaning:
        return search_each(knowledge, texts, limit), saved | {"reads": STATEMENTS * (len(texts) - 1)}
    near = context.call(
        BY_MEANING,
        lambda: knowledge.nearest_each(said),
        input={"texts": said},
        effect=Effect.MODEL,
        cost_micros=sum(map(most_micros, said)),
    )
    found = [knowledge.search(text, limit, ids) for text, ids in zip(texts, near, strict=True)]
    return found, saved | {"calls": len(texts) - 1}
