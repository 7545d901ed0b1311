"""Document processing: each document by itself and at once, then one table with what was found and what was not."""

from collections.abc import Mapping
from typing import Any

from agents.base.phrases import phrase
from agents.engine import Json
from agents.flows.parts import flow, for_each, join, model, way
from agents.flows.recipe import Recipe
from agents.flows.roles import WORKER

INPUT: dict[str, Any] = {
    "type": "object",
    "required": ["tasks"],
    "properties": {"tasks": {"type": "array", "minItems": 1, "maxItems": 50, "items": {"type": "string"}}},
}


def as_table(seen: Mapping[str, Json]) -> Json:
    """What each document said, by its number, and the numbers of those that failed."""
    parts = list(seen["read"].values())
    found = [{"document": number, **part["output"]} for number, part in enumerate(parts, 1) if part["output"]]
    return {"found": found, "failed": [number for number, part in enumerate(parts, 1) if part["error"]]}


GRAPH = flow(
    "documents",
    phrase("orchestrator-worker"),
    [
        for_each("read", model(WORKER, reads=["item"]), lambda s: s["input"]["tasks"], ["input"]),
        model(WORKER, reads=["item"]),
        join("table", as_table, ["read"]),
    ],
    [way("read", "table")],
)
RECIPE = Recipe(
    phrase("Document processing"),
    phrase("Every document is read by itself, up to fifty in one run; the table says which could not be."),
    GRAPH,
    (WORKER,),
    {"tasks": ["Invoice 771 of 3 May, 240 euros, due 2 June.", "Invoice 772 of 4 May, 90 euros, due 3 June."]},
    INPUT,
)
