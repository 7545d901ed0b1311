"""Parallelization, sectioning: independent parts of one question at once, merged with where each came from."""

from collections.abc import Mapping

from agents.base.phrases import phrase
from agents.engine import Json
from agents.flows.parts import escalate, flow, join, model, together, way
from agents.flows.recipe import Recipe
from agents.flows.roles import ANALYST, BILLING, RETENTION, WRITER

PARTS = (model(BILLING, "money"), model(RETENTION, "relation"), model(ANALYST, "facts"))


def merged(seen: Mapping[str, Json]) -> Json:
    """Every part with its author and its error, and where two of them say the opposite."""
    parts = [{"from": name, **part} for name, part in sorted(seen["sections"].items())]
    say = {part["from"]: part["output"]["verdict"] for part in parts if part["output"]}
    against = [[one, other] for one in say for other in say if (say[one], say[other]) == ("yes", "no")]
    return {"parts": parts, "contradictions": against}


GRAPH = flow(
    "sectioning",
    phrase("parallelization: sectioning"),
    [
        together("sections", *PARTS),
        *PARTS,
        join("merge", merged, ["sections"]),
        model(WRITER, "answer", reads=["input", "merge"]),
        escalate(phrase("The parts could not be put together.")),
    ],
    [way("sections", "merge"), way("merge", "answer")],
)
RECIPE = Recipe(
    phrase("Three looks at once"),
    phrase("Money, relation and facts are looked into side by side; contradictions are shown, not smoothed over."),
    GRAPH,
    (ANALYST, BILLING, RETENTION, WRITER),
    {"text": "I want a refund of 80 euros because the course moved online, and I may leave if I do not get it."},
)
