"""Looking up several things at once, as a node."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from agents.engine import Context, Json, Node, Result
from agents.flows.lookup import LOOK_UP_MICROS, look_up_each
from agents.flows.parts import code
from agents.runs.services.knowledge import Passage

MOST_SEARCHES = 8
"""Things that are looked up at once."""


def searches(name: str, queries: Callable[[Mapping[str, Json]], Sequence[str]], reads: Sequence[str]) -> Node:
    """The retriever for several things at once: the passages, numbered, and which of them are about which."""

    def call(context: Context) -> Result:
        asked = list(dict.fromkeys(queries(context.input)))[:MOST_SEARCHES]
        found, batch = look_up_each(context, asked, 4)
        marks: dict[Passage, str] = {}
        about = {
            text: [marks.setdefault(replace(one, rank=0.0), f"p{len(marks) + 1}") for one in passages]
            for text, passages in zip(asked, found, strict=True)
        }
        texts = {mark: one.text[:1200] for one, mark in marks.items()}
        sources = sorted({one.source for one in marks})
        return Result({"passages": texts, "sources": sources, "about": about, "batch": batch})

    return code(name, call, reads=reads, cost_micros=MOST_SEARCHES * LOOK_UP_MICROS)
