"""Looking something up, by words and, where an embedding endpoint is given, by meaning."""

from typing import cast

from agents.base.phrases import phrase
from agents.engine import Context, Effect
from agents.fleet.embedding import most_micros
from agents.runs.services import Services
from agents.runs.services.knowledge import Passage

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
