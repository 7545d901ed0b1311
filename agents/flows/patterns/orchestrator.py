"""Orchestrator-worker: a lead decides while it runs how many workers there are and what each does."""

from agents.base.phrases import phrase
from agents.flows.parts import escalate, flow, for_each, model, way
from agents.flows.recipe import Recipe
from agents.flows.roles import PLANNER, WORKER, WRITER

GRAPH = flow(
    "orchestrator-worker",
    phrase("orchestrator-worker"),
    [
        model(PLANNER, "lead"),
        for_each("work", model(WORKER, reads=["item"]), lambda s: s["lead"]["tasks"], ["lead"]),
        model(WORKER, reads=["item"]),
        model(WRITER, "synthesis", reads=["input", "lead", "work"]),
        escalate(phrase("The work could not be divided or put together.")),
    ],
    [way("lead", "work"), way("work", "synthesis")],
)
RECIPE = Recipe(
    phrase("As many workers as it takes"),
    phrase("A lead breaks the request into tasks, a worker does each, and one answer is made of what they found."),
    GRAPH,
    (PLANNER, WORKER, WRITER),
    {"text": "Please settle these:\n- the late delivery of order 7731\n- the wrong invoice address\n- a new card"},
)
