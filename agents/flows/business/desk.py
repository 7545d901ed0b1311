"""Front desk: what comes in is split into tasks, and each goes to the agent that fits it best (R-185)."""

from collections.abc import Mapping
from functools import partial

from agents.base.money import MICRO
from agents.base.phrases import phrase
from agents.engine import Context, Effect, Json, Result, State
from agents.flows.parts import code, escalate, flow, join, model, services, way
from agents.flows.recipe import Recipe
from agents.flows.roles import DISPATCHER
from agents.runs.actions.delegating import delegate
from agents.runs.queries.colleagues import Need

TASK = phrase("task %(number)s")
CHOSEN = phrase("%(agent)s fits best: passages about it %(knows)s, runs under way %(load)s, %(cost)s USD a run")
NOBODY = phrase("none of %(n)s agents fits")


def hand_on(context: Context) -> Result:
    """Every task to its agent, each a step of its own; what one is given counts as its load for the next."""
    handed = [
        context.call(
            TASK % {"number": number},
            partial(_one, context, number, task),
            input=task,
            effect=Effect.WRITE,
            idempotent=True,
        )
        for number, task in enumerate(context.input["split"]["tasks"], start=1)
    ]
    return Result({"handed": handed})


def _one(context: Context, number: int, task: Mapping[str, Json]) -> Result:
    run, threads = services(context).outputs.run, services(context).outputs.threads
    with threads.query():
        told = delegate(run, f"{context.key}/{number}", Need(task["task"], task["function"], task["changes"]))
    best = told["candidates"][0] if told["run"] else None
    if best is None:
        return Result(told, NOBODY % {"n": len(told["candidates"])})
    said = {"agent": best["agent"], "knows": best["knows"], "load": best["load"]}
    return Result(told, CHOSEN % (said | {"cost": f"{(best['cost_micros'] or 0) / MICRO:.6f}"}))


def _report(seen: Mapping[str, Json]) -> Json:
    return [{name: one[name] for name in ("task", "agent", "run")} for one in seen["hand_on"]["handed"]]


def _somebody_for_all(state: State) -> bool:
    return all(one["run"] for one in state["hand_on"]["handed"])


GRAPH = flow(
    "front-desk",
    phrase("routing"),
    [
        model(DISPATCHER, "split"),
        code("hand_on", hand_on, reads=["input", "split"], latency_ms=2_000),
        join("report", _report, ["hand_on"]),
        escalate(phrase("No agent fits one of the tasks."), ["input", "hand_on"]),
    ],
    [
        way("split", "hand_on"),
        way("hand_on", "report", phrase("every task has its agent"), _somebody_for_all),
        way("hand_on", "escalate", phrase("no agent fits one of them")),
    ],
)
RECIPE = Recipe(
    phrase("Front desk"),
    phrase(
        "What comes in is split into tasks; each goes to the agent of its department that knows of it, is least busy "
        "and costs least, with everybody who was considered."
    ),
    GRAPH,
    (DISPATCHER,),
    {"text": "The parcel arrived broken, and the last invoice charges me twice."},
)
