"""Evaluator-optimizer: one writes, another scores against a rubric, until it passes or the rounds are used up."""

from agents.base.phrases import phrase
from agents.engine import Kind
from agents.flows.parts import escalate, flow, join, model, way
from agents.flows.recipe import Recipe
from agents.flows.roles import VERIFIER, WRITER

PASS_MARK = 0.7
ROUNDS = 3

GRAPH = flow(
    "evaluator-optimizer",
    phrase("evaluator-optimizer"),
    [
        model(WRITER, "write", reads=["input", "judge"], max_visits=ROUNDS),
        model(VERIFIER, "judge", reads=["input", "write", "judge"], kind=Kind.JUDGE, max_visits=ROUNDS),
        join("accept", lambda seen: {**seen["write"], **seen["judge"]}, ["write", "judge"]),
        escalate(phrase("No draft reached the pass mark."), ["input", "write", "judge"]),
    ],
    [
        way("write", "judge"),
        way("judge", "accept", phrase("the score reaches the pass mark"), lambda s: s["judge"]["score"] >= PASS_MARK),
        way("judge", "write", phrase("rounds are left"), lambda s: s.visits["write"] < ROUNDS),
        way("judge", "escalate", phrase("no rounds are left")),
    ],
)
RECIPE = Recipe(
    phrase("Write until it is good"),
    phrase("A judge scores each draft and says what is missing; the writer tries again, three times at most."),
    GRAPH,
    (WRITER, VERIFIER),
    {"text": "Explain to a customer in two sentences why their parcel waits at customs."},
)
