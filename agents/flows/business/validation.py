"""Lead validation in stages: triage, enrichment, resolution; a lead leaves at the first stage it does not pass.

Where the model that resolves fails, is too slow or too dear, or the plan says so, points are counted; where they
do not decide, a person does (R-060).
"""

import re
from collections.abc import Mapping

from agents.base.contacts import EMAIL
from agents.base.phrases import phrase
from agents.engine import Course, Edge, Json, State
from agents.flows.parts import FAILED, escalate, flow, join, model, search, way
from agents.flows.recipe import Recipe
from agents.flows.roles import ANALYST, SCOUT
from agents.runs.routes import ELSEWHERE

HOT, COLD = 0.7, 0.3
"""The points from which a lead is hot, and up to which it is cold; between them a person decides."""
COUNTED = phrase("counted without a model: %(points)s of 10 points")


def _points(seen: Mapping[str, Json]) -> Json:
    """As the scout would answer: four points for the analyst's yes, two for each other sign there is."""
    text = str(seen["input"]["text"])
    signs = [bool(seen["enrich"]["passages"]), bool(re.search(r"\d", text)), bool(EMAIL.search(text))]
    points = 4 * (seen["triage"]["verdict"] == "yes") + 2 * sum(signs)
    heat = "hot" if points >= 10 * HOT else "cold"
    return {"score": points / 10, "heat": heat, "finding": COUNTED % {"points": points}}


def _is_open(state: State) -> bool:
    return bool(COLD < state["points"]["score"] < HOT)


GRAPH = flow(
    "lead-validation",
    phrase("prompt chaining"),
    [
        model(ANALYST.again, "triage"),
        search("enrich", lambda seen: str(seen["input"]["text"])),
        model(SCOUT, "resolve", reads=["input", "triage", "enrich"]),
        join("points", _points, ["input", "triage", "enrich"]),
        join("settle", lambda seen: seen["points"], ["points"]),
        join("reject", lambda seen: {"rejected": True, **seen["triage"]}, ["triage"]),
        escalate(phrase("The lead could not be validated.")),
    ],
    [
        way("triage", "enrich", phrase("it may be a lead"), lambda s: s["triage"]["verdict"] != "no"),
        way("triage", "reject", phrase("it is no lead")),
        Edge(source="enrich", target="points", criterion=ELSEWHERE),
        way("enrich", "resolve"),
        Edge(source="resolve", target="points", criterion=FAILED, on=Course.FAILED),
        way("points", "escalate", phrase("the points do not decide it"), _is_open),
        way("points", "settle", phrase("the points decide it")),
    ],
)
RECIPE = Recipe(
    phrase("Lead validation"),
    phrase("Triage, enrichment, resolution: a lead that fails a stage costs none of the next."),
    GRAPH,
    (ANALYST, SCOUT),
    {"text": "Subscribed to the newsletter from a private address, asked for the student discount."},
)
