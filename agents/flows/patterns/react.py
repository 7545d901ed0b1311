"""ReAct: think, search, look at what was found, think again; bounded by how often it may think."""

from collections.abc import Mapping

from agents.base.phrases import phrase
from agents.engine import Context, Criterion, Goal, Json, Result, State
from agents.flows.lookup import LOOK_UP_MICROS, look_up
from agents.flows.parts import code, escalate, flow, join, model, think, way
from agents.flows.recipe import Recipe
from agents.flows.roles import REASONER

THOUGHTS = 6


def reason(context: Context) -> Result:
    """What the model makes of the question and, from its second thought on, of all that was found so far."""
    looked = context.input.get("act", {}).get("observations", [])
    seen: dict[str, Json] = {"message": context.input["input"]["text"]}
    if looked:
        passages = dict.fromkeys(text for one in looked for text in one["found"])
        seen |= {"looked_up": [one["query"] for one in looked], "passages": "\n\n".join(passages)}
    return think(context, REASONER, **seen)


def look(context: Context) -> Result:
    """What the agent's own sources say, after all that was seen before."""
    query = context.input["think"]["query"]
    found = [one.text[:600] for one in look_up(context, query, 2)]
    before = context.input.get("act", {}).get("observations", [])
    return Result({"observations": [*before, {"query": query, "found": found}]})


def _answer(seen: Mapping[str, Json]) -> Json:
    return {"answer": seen["think"]["answer"]}


def _looks_differ(state: State) -> bool:
    asked = [one["query"] for one in state.get("act", {}).get("observations", ())]
    return len(asked) == len(set(asked))


GOAL = Goal(
    phrase("Answer the question from the agent's own sources."),
    (Criterion(phrase("no look-up is made twice"), _looks_differ),),
)
GRAPH = flow(
    "react",
    phrase("ReAct"),
    [
        model(REASONER, "think", reads=["input", "act"], call=reason, max_visits=THOUGHTS),
        code("act", look, reads=["think", "act"], cost_micros=LOOK_UP_MICROS),
        join("answer", _answer, ["think"]),
        escalate(phrase("The agent could not think it through.")),
    ],
    [
        way("think", "answer", phrase("it has its answer"), lambda s: s["think"]["action"] == "answer"),
        way("think", "act", phrase("it wants to look something up"), lambda s: s.visits["think"] < THOUGHTS),
        way("think", "escalate", phrase("no thoughts are left")),
        way("act", "think"),
    ],
    goal=GOAL,
)
RECIPE = Recipe(
    phrase("Think, look, think"),
    phrase("The agent decides after each look whether it knows enough; six thoughts at most."),
    GRAPH,
    (REASONER,),
    {"text": "How many working days does a refund take, and does that include the weekend?"},
)
