"""Reflection: one and the same role writes, says what is wrong with it, and writes again with that in view."""

from agents.base.phrases import phrase
from agents.flows.parts import escalate, flow, join, model, way
from agents.flows.recipe import Recipe
from agents.flows.roles import THINKER

TRIES = 3

GRAPH = flow(
    "reflection",
    phrase("reflection"),
    [
        model(THINKER, "attempt", reads=["input", "reflect"], max_visits=TRIES),
        model(THINKER, "reflect", reads=["input", "attempt", "reflect"], max_visits=TRIES),
        join("keep", lambda seen: seen["attempt"], ["attempt"]),
        escalate(phrase("The agent was never satisfied with its own work."), ["input", "attempt", "reflect"]),
    ],
    [
        way("attempt", "reflect"),
        way("reflect", "keep", phrase("it is satisfied"), lambda s: s["reflect"]["satisfied"]),
        way("reflect", "attempt", phrase("tries are left"), lambda s: s.visits["attempt"] < TRIES),
        way("reflect", "escalate", phrase("no tries are left")),
    ],
)
RECIPE = Recipe(
    phrase("Look at it again yourself"),
    phrase("The agent criticises its own text and tries again with the critique; the critiques are kept."),
    GRAPH,
    (THINKER,),
    {"text": "Write a subject line of at most eight words for the price change of 1 May."},
)
