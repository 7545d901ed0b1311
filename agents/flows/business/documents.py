"""Document processing: several in one call and the calls at once, then one table of what was found and what not."""

from collections.abc import Mapping
from typing import Any

from agents.base.phrases import phrase
from agents.engine import Json, Kind
from agents.flows.batching import batches, think_each
from agents.flows.parts import code, flow, for_each, join, way
from agents.flows.recipe import Recipe
from agents.flows.roles import WORKER

INPUT: dict[str, Any] = {
    "type": "object",
    "required": ["tasks"],
    "properties": {"tasks": {"type": "array", "minItems": 1, "maxItems": 50, "items": {"type": "string"}}},
}


def as_table(seen: Mapping[str, Json]) -> Json:
    """What each document said, by its number, and the numbers of those that could not be read."""
    read = [part["output"]["results"] for part in seen["read"].values() if part["output"]]
    said = {int(number): one for results in read for number, one in results.items()}
    found = [{"document": number, **said[number]} for number in sorted(said)]
    return {"found": found, "failed": [n for n in range(1, len(seen["input"]["tasks"]) + 1) if n not in said]}


READ = code(
    "worker",
    lambda context: think_each(context, WORKER.again, context.input["item"]),
    reads=["item"],
    kind=Kind.ROLE,
    latency_ms=WORKER.latency_ms,
    cost_micros=100_000,
)
GRAPH = flow(
    "documents",
    phrase("orchestrator-worker"),
    [
        for_each("read", READ, lambda s: batches(s["input"]["tasks"]), ["input"]),
        READ,
        join("table", as_table, ["input", "read"]),
    ],
    [way("read", "table")],
)
RECIPE = Recipe(
    phrase("Document processing"),
    phrase("Up to fifty documents in one run, five in one call to a model; the table says which could not be read."),
    GRAPH,
    (WORKER,),
    {"tasks": ["Invoice 771 of 3 May, 240 euros, due 2 June.", "Invoice 772 of 4 May, 90 euros, due 3 June."]},
    INPUT,
)
