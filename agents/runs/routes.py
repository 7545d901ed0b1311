"""The routes between which a plan decides, as a walk sees them."""

from typing import TYPE_CHECKING

from agents.base.phrases import phrase
from agents.engine import Criterion, State
from agents.runs.enums import Route

if TYPE_CHECKING:
    from agents.runs.models import Run, RunPlan

PLANNED = "planned"
ELSEWHERE = Criterion(phrase("the plan takes another route"), lambda state: state.get(PLANNED) == Route.OTHER_ROUTE)
"""The criterion of an edge to nodes that do a stage's work in another way; a flow that has one offers another route."""


def first_state(run: "Run", plan: "RunPlan | None") -> State:
    """Where the walk begins: the run's input, and the other route if that was decided on."""
    return State(run.input, {PLANNED: plan.route} if plan and plan.route == Route.OTHER_ROUTE else {})
