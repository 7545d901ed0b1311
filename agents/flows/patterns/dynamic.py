"""Dynamic conditional orchestration: what runs, what is skipped and when a person comes in depends on the case."""

from collections.abc import Mapping

from agents.base.phrases import phrase
from agents.engine import Json, Kind, State
from agents.flows.parts import escalate, flow, model, search, together, way
from agents.flows.recipe import Recipe
from agents.flows.roles import ANALYST, BILLING, CLASSIFIER, WRITER


def _text(seen: Mapping[str, Json]) -> str:
    return str(seen["input"]["text"])


def _answered(state: State) -> bool:
    return bool((state["sources"] or {}).get("passages"))


LOOKS = (search("sources", _text), model(BILLING, "account"))
GRAPH = flow(
    "dynamic",
    phrase("dynamic conditional orchestration"),
    [
        model(CLASSIFIER, "assess", kind=Kind.ROUTER),
        together("look", *LOOKS),
        *LOOKS,
        model(ANALYST, "research", reads=["input", "look"]),
        model(WRITER, "answer", reads=["input", "look", "research"]),
        escalate(phrase("The case is delicate: a person comes in before anybody answers.")),
    ],
    [
        way("assess", "escalate", phrase("the case is delicate"), lambda s: s["assess"]["emotion"] == "angry"),
        way("assess", "look"),
        way("look", "answer", phrase("the sources answer it: no research is needed"), _answered),
        way("look", "research", phrase("the sources say nothing")),
        way("research", "answer"),
    ],
)
RECIPE = Recipe(
    phrase("Whatever the case needs"),
    phrase("Two look-ups at once, research only where they found nothing, a person before a delicate answer."),
    GRAPH,
    (CLASSIFIER, BILLING, ANALYST, WRITER),
    {"text": "Which documents do I need to move my subscription to my company?"},
)
