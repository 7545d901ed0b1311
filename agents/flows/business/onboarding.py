"""Customer onboarding as a pipeline: take in, check, enrich, welcome; what is missing is asked for."""

from agents.base.phrases import phrase
from agents.engine import Kind
from agents.flows.parts import escalate, flow, model, search, way
from agents.flows.recipe import Recipe
from agents.flows.roles import ANALYST, AUDITOR, WRITER

GRAPH = flow(
    "customer-onboarding",
    phrase("prompt chaining"),
    [
        model(ANALYST.again, "intake"),
        model(AUDITOR, "check", reads=["input", "intake"], kind=Kind.JUDGE),
        search("enrich", lambda seen: str(seen["input"]["text"])),
        model(WRITER, "welcome", reads=["input", "intake", "enrich"]),
        escalate(phrase("Something is missing before this customer can start."), ["input", "intake", "check"]),
    ],
    [
        way("intake", "check"),
        way("check", "escalate", phrase("the check found something"), lambda s: s["check"]["verdict"] == "flag"),
        way("check", "enrich", phrase("the check passed it")),
        way("enrich", "welcome"),
    ],
)
RECIPE = Recipe(
    phrase("Customer onboarding"),
    phrase(
        "Taken in, checked, enriched from the agent's sources and welcomed; what is missing goes to a person first."
    ),
    GRAPH,
    (ANALYST, AUDITOR, WRITER),
    {"text": "New customer: Casa Verde Ltda, contact Ana Souza, plan Team, start 1 July, billing by invoice."},
)
