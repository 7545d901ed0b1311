"""Hierarchical team: leaders with agents of their own; each merges what its people brought before the top does."""

from agents.base.phrases import phrase
from agents.engine import Graph
from agents.flows.parts import escalate, flow, for_each, inside, model, together, way
from agents.flows.recipe import Recipe
from agents.flows.roles import ANALYST, PLANNER, WORKER, WRITER


def led(name: str) -> Graph:
    """A leader's own team: plan, work, merge."""
    worker = model(WORKER, reads=["item"])
    return flow(
        name,
        phrase("orchestrator-worker"),
        [
            model(PLANNER, "lead"),
            for_each("work", worker, lambda s: s["lead"]["tasks"], ["lead"]),
            worker,
            model(ANALYST, "merge", reads=["input", "work"]),
        ],
        [way("lead", "work"), way("work", "merge")],
    )


TEAMS = (inside("research", led("research-team")), inside("offer", led("offer-team")))
GRAPH = flow(
    "team",
    phrase("hierarchical team"),
    [
        together("teams", *TEAMS, latency_ms=30_000),
        *TEAMS,
        model(WRITER, "consolidate", reads=["input", "teams"]),
        escalate(phrase("The teams' results could not be put together.")),
    ],
    [way("teams", "consolidate")],
)
RECIPE = Recipe(
    phrase("Teams with leaders"),
    phrase("Two leaders break their half down, let their workers do it and merge it; the top makes one answer."),
    GRAPH,
    (PLANNER, WORKER, ANALYST, WRITER),
    {"text": "Prepare the pitch for Alpine Hotels:\n- their present supplier\n- what they pay\n- our best offer"},
)
