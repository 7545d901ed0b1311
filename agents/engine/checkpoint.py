"""Checkpoints: every ten steps the goal is said again, and its constraints are held against what was done."""

from __future__ import annotations

from agents.engine import questions
from agents.engine.attempt import Attempt
from agents.engine.call import Result
from agents.engine.driver import Driver
from agents.engine.graph import Goal, Graph, Kind
from agents.engine.journal import StepRecord
from agents.engine.state import Json, State, digest

EVERY = 10
"""Steps between two checkpoints."""
GOAL = "goal"


def checkpoint(driver: Driver, graph: Graph, state: State, path: str, steps: int) -> State:
    """The state with the goal restated, when it is time and the graph has one.

    A constraint that does not hold is asked about; raises Interrupted until a person says to go on.
    """
    if graph.goal is None or steps % EVERY:
        return state
    key, number = f"{path}{GOAL}/{steps // EVERY}", steps // EVERY
    said = {"goal": graph.goal.text, "visits": dict(state.visits)}
    intent = StepRecord(
        key=key,
        node=GOAL,
        kind=Kind.JUDGE,
        visit=number,
        input=said,
        input_sha256=digest(said),
        reason=f"checkpoint after {steps} steps",
    )
    restated = driver.perform(Attempt(intent, lambda: Result(_restated(graph.goal, state)))).output
    if restated["broken"]:
        driver.decide(intent, "drift", questions.drift(restated["broken"]))
    return state.after(GOAL, restated)


def _restated(goal: Goal | None, state: State) -> Json:
    constraints = goal.constraints if goal else ()
    broken = [one.text for one in constraints if not one.holds(state)]
    return {"goal": goal.text if goal else "", "constraints": [one.text for one in constraints], "broken": broken}
