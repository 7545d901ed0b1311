"""Lead validation in stages: triage, enrichment, resolution; a lead leaves at the first stage it does not pass."""

from agents.base.phrases import phrase
from agents.flows.parts import escalate, flow, join, model, search, way
from agents.flows.recipe import Recipe
from agents.flows.roles import ANALYST, SCOUT

GRAPH = flow(
    "lead-validation",
    phrase("prompt chaining"),
    [
        model(ANALYST, "triage"),
        search("enrich", lambda seen: str(seen["input"]["text"])),
        model(SCOUT, "resolve", reads=["input", "triage", "enrich"]),
        join("reject", lambda seen: {"rejected": True, **seen["triage"]}, ["triage"]),
        escalate(phrase("The lead could not be validated.")),
    ],
    [
        way("triage", "reject", phrase("it is no lead"), lambda s: s["triage"]["verdict"] == "no"),
        way("triage", "enrich", phrase("it may be a lead")),
        way("enrich", "resolve"),
    ],
)
RECIPE = Recipe(
    phrase("Lead validation"),
    phrase("Triage, enrichment, resolution: a lead that fails a stage costs none of the next."),
    GRAPH,
    (ANALYST, SCOUT),
    {"text": "Subscribed to the newsletter from a private address, asked for the student discount."},
)
