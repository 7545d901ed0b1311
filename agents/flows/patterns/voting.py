"""Parallelization, voting: the same question several times; the majority counts, and the split is kept."""

from collections import Counter
from collections.abc import Mapping

from agents.base.phrases import phrase
from agents.engine import Json
from agents.flows.parts import escalate, flow, for_each, join, model, way
from agents.flows.recipe import Recipe
from agents.flows.roles import ANALYST

VOTES = 3


def counted(seen: Mapping[str, Json]) -> Json:
    """The split, and the verdict of more than half of all votes asked for; none where there is no such verdict."""
    votes = [part["output"]["verdict"] for part in seen["vote"].values() if part["output"]]
    split = Counter(votes)
    winner, most = split.most_common(1)[0] if votes else ("", 0)
    return {"split": dict(split), "majority": winner if most * 2 > VOTES else None}


GRAPH = flow(
    "voting",
    phrase("parallelization: voting"),
    [
        for_each("vote", model(ANALYST, "juror"), lambda s: range(VOTES), ["input"]),
        model(ANALYST, "juror"),
        join("count", counted, ["vote"]),
        join("verdict", lambda seen: seen["count"], ["count"]),
        escalate(phrase("The votes gave no majority.")),
    ],
    [
        way("vote", "count"),
        way("count", "verdict", phrase("more than half say the same"), lambda s: s["count"]["majority"] is not None),
        way("count", "escalate", phrase("there is no majority")),
    ],
)
RECIPE = Recipe(
    phrase("Ask three times"),
    phrase("Three jurors answer the same question; without a majority a person decides."),
    GRAPH,
    (ANALYST,),
    {"text": "Does this message ask for money back? “The heater never worked, return my 120 euros.”"},
)
