"""Hybrid of people and AI: what needs empathy goes to a person, however sure the machine is."""

from agents.base.phrases import phrase
from agents.engine import Kind, State
from agents.flows.parts import escalate, flow, model, said, way
from agents.flows.recipe import Recipe
from agents.flows.roles import CLASSIFIER, WRITER
from agents.runs.guards.customers import wants_empathy


def needs_somebody(state: State) -> bool:
    """Upset or angry, words that want empathy, or a person is asked for; confidence does not come into it."""
    found = state["feel"]
    return bool(found["wants_human"] or wants_empathy(said(state))) or found["emotion"] != "calm"


GRAPH = flow(
    "hybrid",
    phrase("hybrid human and AI"),
    [
        model(CLASSIFIER, "feel", kind=Kind.ROUTER),
        model(WRITER, "answer"),
        escalate(phrase("This needs a person, not a faster answer."), ["input", "feel"]),
    ],
    [
        way("feel", "escalate", phrase("it needs empathy, or a person is asked for"), needs_somebody),
        way("feel", "answer", phrase("it can be answered by a machine")),
    ],
)
RECIPE = Recipe(
    phrase("People where it hurts"),
    phrase("Calm questions are answered at once; somebody upset or angry reaches a person at once."),
    GRAPH,
    (CLASSIFIER, WRITER),
    {"text": "Where do I find my boarding pass in the app?"},
)
