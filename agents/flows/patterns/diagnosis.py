"""Hypothesis tree: likely causes, a check of each, as few questions as possible, and a jump to level two."""

from collections.abc import Mapping

from agents.base.phrases import phrase
from agents.engine import Context, Json, Question
from agents.flows.parts import ANSWER, escalate, flow, model, person, way
from agents.flows.recipe import Recipe
from agents.flows.roles import DIAGNOSTICIAN, RESOLVER
from agents.flows.searching import searches

QUESTIONS = 2
"""Most that the customer is asked."""
ASKS = phrase("The agent asks: %(question)s")


def _checks(seen: Mapping[str, Json]) -> list[str]:
    return [one["check"] for one in seen["suspect"]["suspects"]] or [str(seen["input"]["text"])]


def _ask(context: Context) -> Question:
    question = context.input["narrow"]["question"]
    return Question("question", ASKS % {"question": question}, schema=ANSWER)


GRAPH = flow(
    "diagnosis",
    phrase("hypothesis tree"),
    [
        model(DIAGNOSTICIAN, "suspect"),
        searches("tools", _checks, ["input", "suspect"]),
        model(DIAGNOSTICIAN, "narrow", reads=["input", "suspect", "tools", "ask", "narrow"], max_visits=QUESTIONS + 1),
        person("ask", _ask, ["input", "narrow"]),
        model(RESOLVER, "resolve", reads=["narrow", "tools"]),
        escalate(
            phrase("This is for the second level: the agent could not name the cause."), ["input", "suspect", "narrow"]
        ),
    ],
    [
        way("suspect", "escalate", phrase("it is complex: level two"), lambda s: s["suspect"]["complex"]),
        way("suspect", "tools"),
        way("tools", "narrow"),
        way("narrow", "resolve", phrase("the root cause is certain"), lambda s: s["narrow"]["confirmed"]),
        way("narrow", "ask", phrase("a question is left"), lambda s: s.visits.get("ask", 0) < QUESTIONS),
        way("narrow", "escalate", phrase("no questions are left: level two")),
        way("ask", "narrow"),
    ],
)
RECIPE = Recipe(
    phrase("Guided diagnosis"),
    phrase("Causes are checked against the sources before anybody is asked; two questions at most, then level two."),
    GRAPH,
    (DIAGNOSTICIAN, RESOLVER),
    {"text": "The terminal prints receipts but does not take cards since this morning."},
)
