"""Checkpoints: every ten steps the goal is said again, and its constraints are held against what was done."""

from __future__ import annotations

from agents.engine import questions
from agents.engine.attempt import Attempt
from agents.engine.call import Effect
from agents.engine.driver import Driver
from agents.engine.graph import Graph, Kind
from agents.engine.journal import StepRecord
from agents.engine.state import State, digest

EVERY = 10  # steps between two checkpoints
GOAL = "goal"


def checkpoint(driver: Driver, graph: Graph, state: State, path: str, steps: int) -> State:
    """The state with the goal restated, when it is time and the graph has one.

    A constraint that does not hold is asked about; raises Interrupted until a person says to go on.
    """
    goal = graph.goal
    if goal is None or steps % EVERY:
        return state
    said = {"goal": goal.text, "visits": dict(state.visits)}
    intent = StepRecord(
        key=f"{path}{GOAL}/{steps // EVERY}",
        node=GOAL,
        kind=Kind.JUDGE,
        visit=steps // EVERY,
        effect=Effect.MODEL if goal.cost_micros else Effect.READ,
        cost_micros=goal.cost_micros,
        input=said,
        input_sha256=digest(said),
        reason=f"checkpoint after {steps} steps",
    )
    broken = [one.text for one in goal.constraints if not one.holds(state)]
    restated = {"goal": goal.text, "constraints": [one.text for one in goal.constraints], "broken": broken}
    found = driver.perform(Attempt(intent, lambda: goal.judge(driver.services, state, restated))).output
    if found["broken"]:
        driver.decide(intent, "drift", questions.drift(found["broken"]))
    return state.after(GOAL, found)
