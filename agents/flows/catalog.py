"""Every flow of the library: triage, the default, business flows, the 23 patterns as in docs/patterns.md, the shop."""

from agents.base.phrases import phrase
from agents.flows import triage
from agents.flows.alone import ALONE
from agents.flows.business import account, desk, distil, documents, letter, omnichannel, onboarding, qualify, validation
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
from agents.flows.retail.graph import RECIPE as RETAIL
from agents.flows.triage.graph import graph
from agents.flows.triage.prompts import SETTINGS

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
TRIAGE = Recipe(
    triage.NAME,
    phrase("Classify, look up, write, verify, then publish or ask a person: the default for tickets."),
    graph(SETTINGS),
    (),
    {"text": "How many working days until refunds arrive?", "customer": "Kim Lee"},
    triage.INPUT,
    SETTINGS,
)
BUSINESS = (
    omnichannel.RECIPE,
    qualify.RECIPE,
    letter.RECIPE,
    onboarding.RECIPE,
    documents.RECIPE,
    validation.RECIPE,
    account.RECIPE,
    desk.RECIPE,
    distil.RECIPE,
)
LIBRARY = (TRIAGE, *BUSINESS, *RECIPES, RETAIL)


def recipe(slug: str) -> Recipe:
    """The flow of that slug, one of a single role too. Raises LookupError."""
    for one in (*LIBRARY, *ALONE.values()):
        if one.slug == slug:
            return one
    raise LookupError(slug)
