"""Evaluator-optimizer: one writes, another scores against a rubric, until it passes or the rounds are used up."""

from agents.base.phrases import phrase
from agents.engine import Context, Question
from agents.flows.judges import judge
from agents.flows.parts import ESCALATE, flow, join, model, person, way
from agents.flows.patterns.gate import decided
from agents.flows.recipe import Recipe
from agents.flows.roles import VERIFIER, WRITER
from agents.flows.triage.shapes import REPLY

ROUNDS = 3
NEVER_PASSED = phrase("No draft reached the pass mark.")
GOOD_ENOUGH = phrase("The judge refused this text: is it good enough after all?")


def _ask(context: Context) -> Question:
    """The last draft, for a person to approve, edit or refuse: what shows whether the judge is too strict."""
    proposal = {"reply": context.input["write"]["reply"]}
    detail = f"{NEVER_PASSED} {context.input['judge']['critique']}".strip()
    return Question("approval", GOOD_ENOUGH, detail=detail, schema=REPLY, proposal=proposal)


GRAPH = flow(
    "evaluator-optimizer",
    phrase("evaluator-optimizer"),
    [
        model(WRITER, "write", reads=["input", "judge"], max_visits=ROUNDS),
        judge(VERIFIER, "judge", reads=["input", "write", "judge"], max_visits=ROUNDS),
        join("accept", lambda seen: {**seen["write"], **seen["judge"]}, ["write", "judge"]),
        person(ESCALATE, _ask, ["write", "judge"]),
        join("settle", lambda seen: {"reply": decided(seen["escalate"])}, ["escalate"]),
    ],
    [
        way("write", "judge"),
        way("judge", "accept", phrase("the score reaches the pass mark"), lambda s: s["judge"]["passed"]),
        way("judge", "write", phrase("rounds are left"), lambda s: s.visits["write"] < ROUNDS),
        way("judge", "escalate", phrase("no rounds are left")),
        way("escalate", "settle"),
    ],
)
RECIPE = Recipe(
    phrase("Write until it is good"),
    phrase("A judge marks each draft by the team’s rubric and says why; the writer tries again, three times at most."),
    GRAPH,
    (WRITER, VERIFIER),
    {"text": "Explain to a customer in two sentences why their parcel waits at customs."},
)
