"""Routing: a classifier sends each request to one specialist; what it is unsure of goes to a person."""

from agents.base.phrases import phrase
from agents.engine import Edge, Kind
from agents.fleet.enums import Tier
from agents.flows.parts import escalate, flow, model, way
from agents.flows.recipe import Recipe
from agents.flows.roles import ANALYST, BILLING, CLASSIFIER, RETENTION

SURE = 0.4
"""Confidence below which nobody is asked but a person."""
SPECIALISTS = {
    "billing": ("refund", "billing"),
    "retention": ("cancellation", "complaint"),
    "technical": ("change", "question"),
}
"""Which intents each specialist takes: the table that decides, whatever the model is."""


def _takes(name: str, intents: tuple[str, ...]) -> Edge:
    words = phrase("the intent is %(intent)s") % {"intent": " / ".join(intents)}
    return way(
        "classify",
        name,
        words,
        lambda s: s["classify"]["confidence"] >= SURE and s["classify"]["intent"] in intents,
    )


GRAPH = flow(
    "routing",
    phrase("routing"),
    [
        model(CLASSIFIER, "classify", kind=Kind.ROUTER),
        model(BILLING),
        model(RETENTION),
        model(ANALYST.at(Tier.PREMIUM), "technical"),
        escalate(phrase("It is not clear who should answer this.")),
    ],
    [
        *(_takes(name, intents) for name, intents in SPECIALISTS.items()),
        way("classify", "escalate", phrase("nobody takes it, or it is not sure enough")),
    ],
)
RECIPE = Recipe(
    phrase("Send it to who knows"),
    phrase("One classifier, three specialists: easy matters to a cheap model, hard ones to a strong one."),
    GRAPH,
    (CLASSIFIER, BILLING, RETENTION, ANALYST),
    {"text": "I was charged twice on my invoice of 3 March, please correct the invoice."},
)
