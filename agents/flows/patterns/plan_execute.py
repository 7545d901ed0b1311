"""Plan-execute: a strong model plans once, a cheap one walks the plan in its order."""

from collections.abc import Mapping

from agents.base.phrases import phrase
from agents.engine import Context, Json, Result, State
from agents.flows.parts import code, escalate, flow, join, model, way
from agents.flows.recipe import Recipe
from agents.flows.roles import PLANNER, WORKER


def turn(context: Context) -> Result:
    """The next task of the plan, with what was found so far."""
    before, found = context.input.get("next"), context.input.get("execute")
    done = [*before["done"], {"task": before["task"], **found}] if before and found else []
    tasks = context.input["plan"]["tasks"]
    task = tasks[len(done)] if len(done) < len(tasks) else None
    return Result({"task": task, "done": done})


def _left(state: State) -> bool:
    return state["next"]["task"] is not None


def _report(seen: Mapping[str, Json]) -> Json:
    return {"done": seen["next"]["done"]}


GRAPH = flow(
    "plan-execute",
    phrase("plan-execute"),
    [
        model(PLANNER, "plan"),
        code("next", turn, reads=["plan", "next", "execute"]),
        model(WORKER, "execute", reads=["input", "next"]),
        join("report", _report, ["next"]),
        escalate(phrase("The plan could not be carried out.")),
    ],
    [
        way("plan", "next"),
        way("next", "execute", phrase("a task is left"), _left),
        way("next", "report", phrase("every task is done")),
        way("execute", "next"),
    ],
)
RECIPE = Recipe(
    phrase("Plan once, then do"),
    phrase("The plan costs one call to the strong model; each of its tasks one call to the cheap one."),
    GRAPH,
    (PLANNER, WORKER),
    {"text": "Prepare the renewal:\n- find the contract's end\n- list open tickets\n- draft three talking points"},
)
