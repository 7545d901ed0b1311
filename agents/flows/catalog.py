"""Every flow of the library, in the order of the 23 patterns. Imported by ready() and the pages; registered by slug."""

from agents.flows.patterns import (
    blackboard,
    chaining,
    diagnosis,
    dynamic,
    evaluator,
    gate,
    hybrid,
    lead,
    mesh,
    negotiation,
    orchestrator,
    plan_execute,
    policies,
    react,
    reflection,
    routing,
    sectioning,
    state_graph,
    supervisor,
    swarm,
    team,
    trainer,
    voting,
)
from agents.flows.recipe import Recipe

RECIPES: tuple[Recipe, ...] = (
    chaining.RECIPE,
    routing.RECIPE,
    sectioning.RECIPE,
    voting.RECIPE,
    orchestrator.RECIPE,
    evaluator.RECIPE,
    plan_execute.RECIPE,
    react.RECIPE,
    reflection.RECIPE,
    swarm.RECIPE,
    supervisor.RECIPE,
    team.RECIPE,
    mesh.RECIPE,
    blackboard.RECIPE,
    state_graph.RECIPE,
    dynamic.RECIPE,
    policies.RECIPE,
    diagnosis.RECIPE,
    negotiation.RECIPE,
    gate.RECIPE,
    lead.RECIPE,
    trainer.RECIPE,
    hybrid.RECIPE,
)


def recipe(slug: str) -> Recipe:
    """The flow of that slug. Raises LookupError."""
    for one in RECIPES:
        if one.slug == slug:
            return one
    raise LookupError(slug)
