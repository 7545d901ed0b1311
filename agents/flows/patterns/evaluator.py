"""Evaluator-optimizer: one writes, another scores against a rubric, until it passes or the rounds are used up."""

from collections.abc import Mapping

from agents.base.phrases import phrase
from agents.engine import Context, Json, Question
from agents.flows.judges import judge
from agents.flows.parts import ANSWER, ESCALATE, flow, join, model, person, way
from agents.flows.patterns.gate import decided
from agents.flows.recipe import Recipe
from agents.flows.roles import VERIFIER, WRITER
from agents.flows.triage.shapes import REPLY

ROUNDS = 3
GOOD_ENOUGH = phrase("Is this text good enough to use?")
NEVER_PASSED = phrase("No draft reached the pass mark. %(critique)s")
NO_VERDICT = phrase("The judge gave no usable verdict.")
NO_DRAFT = phrase("No draft could be made: what is the text to be?")


def _ask(context: Context) -> Question:
    """The last draft, for a person to approve, edit or refuse: what shows whether the judge is too strict."""
    draft = (context.input.get("write") or {}).get("reply")
    if not draft:
        return Question("question", NO_DRAFT, schema=ANSWER)
    critique = (context.input.get("judge") or {}).get("critique")
    detail = NO_VERDICT if critique is None else NEVER_PASSED % {"critique": critique}
    return Question("approval", GOOD_ENOUGH, detail=detail, schema=REPLY, proposal={"reply": draft})


def _settled(seen: Mapping[str, Json]) -> Json:
    answer = seen["escalate"]
    return {"reply": decided(answer) or answer.get("answer", "")}


GRAPH = flow(
    "evaluator-optimizer",
    phrase("evaluator-optimizer"),
    [
        model(WRITER, "write", reads=["input", "judge"], max_visits=ROUNDS),
        judge(VERIFIER, "judge", reads=["input", "write", "judge"], max_visits=ROUNDS),
        join("accept", lambda seen: {**seen["write"], **seen["judge"]}, ["write", "judge"]),
        person(ESCALATE, _ask, ["write", "judge"]),
        join("settle", _settled, ["escalate"]),
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
