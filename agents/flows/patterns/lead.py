"""Lead and cheaper subagents: the same tasks by one strong model and by a team, with the lift and what each cost."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from agents.base.phrases import phrase
from agents.engine import Context, Json, Kind, Node, Result
from agents.fleet.enums import Tier
from agents.flows.parts import flow, for_each, inside, join, model, together, way
from agents.flows.recipe import Recipe
from agents.flows.roles import PLANNER, SHARE, VERIFIER, WORKER, WRITER, shape

INPUT: dict[str, Any] = {
    "type": "object",
    "required": ["tasks"],
    "properties": {"tasks": {"type": "array", "minItems": 1, "maxItems": 10, "items": {"type": "string"}}},
}
JUDGE = replace(VERIFIER, schema=shape(alone=SHARE, team=SHARE, critique={"type": "string"}))


def priced(node: Node) -> Node:
    """The same node, its output with what the call cost, in micro-units."""
    call = node.call

    def calling(context: Context) -> Result:
        said = call(context) if call else None
        if not isinstance(said, Result):
            raise TypeError(node.name)
        return replace(said, output={**said.output, "cost_micros": said.usage.cost_micros})

    return replace(node, call=calling)


def _billed(seen: Mapping[str, Json]) -> Json:
    work = [part["output"] or {} for part in seen["work"].values()]
    spent = [seen["plan"], *work, seen["merge"]]
    return {"reply": seen["merge"]["reply"], "cost_micros": sum(one.get("cost_micros", 0) for one in spent)}


def _scored(seen: Mapping[str, Json]) -> Json:
    costs = {name: (seen["both"][name]["output"] or {}).get("cost_micros", 0) for name in ("alone", "team")}
    return {"scores": {name: seen["judge"][name] for name in costs}, "cost_micros": costs}


def _mean(scores: Sequence[float]) -> float:
    return sum(scores) / len(scores) if scores else 0.0


def reported(seen: Mapping[str, Json]) -> Json:
    """Lift = (team − alone) ÷ alone of the mean scores, as a share; None where the single model scored nothing."""
    pairs = [part["output"] for part in seen["duels"].values() if part["output"]]
    alone, team = (_mean([one["scores"][name] for one in pairs]) for name in ("alone", "team"))
    costs = {name: sum(one["cost_micros"][name] for one in pairs) for name in ("alone", "team")}
    lift = round((team - alone) / alone, 4) if alone else None
    return {"tasks": len(pairs), "alone": alone, "team": team, "lift": lift, "cost_micros": costs}


WORK = priced(model(WORKER, reads=["item"]))
TEAM = flow(
    "lead-team",
    phrase("orchestrator-worker"),
    [
        priced(model(PLANNER, "plan")),
        for_each("work", WORK, lambda s: s["plan"]["tasks"], ["plan"]),
        WORK,
        priced(model(WRITER.at(Tier.PREMIUM), "merge", reads=["input", "work"])),
        join("bill", _billed, ["plan", "work", "merge"]),
    ],
    [way("plan", "work"), way("work", "merge"), way("merge", "bill")],
)
SIDES = (priced(model(WRITER.at(Tier.PREMIUM), "alone")), inside("team", TEAM))
DUEL = flow(
    "lead-duel",
    phrase("parallelization: sectioning"),
    [
        together("both", *SIDES, latency_ms=30_000),
        *SIDES,
        model(JUDGE, "judge", reads=["input", "both"], kind=Kind.JUDGE),
        join("score", _scored, ["both", "judge"]),
    ],
    [way("both", "judge"), way("judge", "score")],
)
GRAPH = flow(
    "lead",
    phrase("lead and cheaper subagents"),
    [
        for_each("duels", inside("duel", DUEL, ["item"]), lambda s: s["input"]["tasks"], ["input"]),
        inside("duel", DUEL, ["item"]),
        join("report", reported, ["duels"]),
    ],
    [way("duels", "report")],
)
RECIPE = Recipe(
    phrase("One strong model, or a team"),
    phrase("Each task is done both ways and judged; the report says how much better the team was, and what it cost."),
    GRAPH,
    (PLANNER, WORKER, WRITER, VERIFIER),
    {"tasks": ["Compare the two hotel offers for May.", "Summarise what customers said of the new app."]},
    INPUT,
)
