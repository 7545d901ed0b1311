"""Each specialist by itself: a flow of one node, so that a role is tried and watched apart from those it works with."""

from agents.base.phrases import phrase
from agents.flows.parts import flow, model
from agents.flows.recipe import Recipe
from agents.flows.roles import ROLES, Role

NAME = phrase("%(role)s, alone")
SUMMARY = phrase("One role of the library by itself: what it makes of a text, how long it takes and what it costs.")
EXAMPLE = {"text": "My order 7731 arrived broken on Monday. I paid 89 USD by card and want my money back."}


def alone(role: Role) -> Recipe:
    """The role's flow."""
    graph = flow(f"role-{role.slug}", "prompt chaining", [model(role)], [])
    return Recipe(NAME % {"role": role.slug}, SUMMARY, graph, (role,), EXAMPLE)


ALONE = {role.slug: alone(role) for role in ROLES}
