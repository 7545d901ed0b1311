"""Prompt chaining: what one step gives is what the next one gets, in a fixed order."""

from agents.base.phrases import phrase
from agents.flows.parts import escalate, flow, join, model, way
from agents.flows.recipe import Recipe
from agents.flows.roles import ANALYST, VERIFIER, WRITER

GRAPH = flow(
    "chaining",
    phrase("prompt chaining"),
    [
        model(ANALYST, "understand"),
        model(WRITER, "draft", reads=["understand"]),
        model(VERIFIER, "check", reads=["draft"]),
        join("answer", lambda seen: {**seen["draft"], **seen["check"]}, ["draft", "check"]),
        escalate(phrase("A stage of the chain gave nothing usable.")),
    ],
    [way("understand", "draft"), way("draft", "check"), way("check", "answer")],
)
RECIPE = Recipe(
    phrase("Answer in stages"),
    phrase("Understand, write, check: each stage works on what the one before it gave."),
    GRAPH,
    (ANALYST, WRITER, VERIFIER),
    {"text": "The parcel arrived two days late and the box was open. Can the delivery fee be returned?"},
)
