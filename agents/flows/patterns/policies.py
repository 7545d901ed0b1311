"""Planner with policies: a plan is stored before anything happens, and one that breaks a rule never does."""

from collections.abc import Mapping

from agents.base.phrases import phrase
from agents.engine import Context, Json, Kind, Result, State
from agents.flows.parts import code, escalate, flow, for_each, join, model, services, way
from agents.flows.recipe import Recipe
from agents.flows.roles import PLANNER, WORKER

ALLOWED = ("search", "write", "none")
"""Tools a plan may use where the team's policy has no `allowed_tools`."""


def check(context: Context) -> Result:
    """Which of the plan's tasks the policy forbids."""
    allowed = services(context).policy.rules.get("allowed_tools", ALLOWED)
    forbidden = [one for one in context.input["plan"]["tasks"] if one["tool"] not in allowed]
    return Result({"allowed": list(allowed), "forbidden": forbidden})


def _sound(state: State) -> bool:
    return not state["check"]["forbidden"]


def _report(seen: Mapping[str, Json]) -> Json:
    return {"plan": seen["plan"]["tasks"], "done": seen["work"]}


GRAPH = flow(
    "planner",
    phrase("planner with policies"),
    [
        model(PLANNER, "plan"),
        code("check", check, reads=["plan"], kind=Kind.JUDGE),
        for_each("work", model(WORKER, reads=["item"]), lambda s: s["plan"]["tasks"], ["plan"]),
        model(WORKER, reads=["item"]),
        join("report", _report, ["plan", "work"]),
        escalate(phrase("The plan uses what the policy does not allow."), ["input", "plan", "check"]),
    ],
    [
        way("plan", "check"),
        way("check", "work", phrase("the policy allows every task"), _sound),
        way("check", "escalate", phrase("the policy forbids a task")),
        way("work", "report"),
    ],
)
RECIPE = Recipe(
    phrase("A plan within the rules"),
    phrase("The plan is checked against the team's policy before its first task; a person sees what was refused."),
    GRAPH,
    (PLANNER, WORKER),
    {"text": "Find out why order 2210 was charged twice and write to the customer."},
)
