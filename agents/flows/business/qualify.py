"""Lead qualification: a scout scores what forms, visits and the CRM say; a rule says sales, letter or drop."""

from agents.base.phrases import phrase
from agents.engine import Context, Question
from agents.fleet.enums import Tier
from agents.flows.parts import ANSWER, escalate, flow, join, model, person, said, way
from agents.flows.recipe import Recipe
from agents.flows.roles import SCOUT, WRITER

HOT, WORTH = 0.7, 0.3
"""The score from which sales gets the lead, and below which it is dropped."""
HANDED = phrase("A hot lead for sales: %(said)s")


def _sales(context: Context) -> Question:
    text = " ".join(said(context.input).split())[:160]
    return Question("question", HANDED % {"said": text}, detail=context.input["scout"]["finding"], schema=ANSWER)


GRAPH = flow(
    "lead-qualification",
    phrase("dynamic conditional orchestration"),
    [
        model(SCOUT, "scout"),
        person("sales", _sales, ["input", "scout"]),
        model(WRITER.at(Tier.PREMIUM), "nurture", reads=["input", "scout"]),
        join("drop", lambda seen: {"dropped": True, **seen["scout"]}, ["scout"]),
        escalate(phrase("The lead could not be scored.")),
    ],
    [
        way("scout", "sales", phrase("the lead is hot"), lambda s: s["scout"]["score"] >= HOT),
        way("scout", "nurture", phrase("the lead is worth a letter"), lambda s: s["scout"]["score"] >= WORTH),
        way("scout", "drop", phrase("the lead is not worth it")),
    ],
)
RECIPE = Recipe(
    phrase("Lead qualification"),
    phrase(
        "A scout scores the lead: the hot one goes to sales at once, the warm one gets a letter, the rest is dropped."
    ),
    GRAPH,
    (SCOUT, WRITER),
    {"text": "Form: Alpine Hotels, 40 sites, wants a demo. Web: pricing page three times. CRM: no contact yet."},
)
