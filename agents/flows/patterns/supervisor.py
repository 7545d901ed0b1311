"""Hierarchical supervisor: it names the specialists that are needed, they work, and it gives one answer."""

from collections.abc import Sequence
from dataclasses import replace

from agents.base.phrases import phrase
from agents.engine import Criterion, Graph, Kind, Node
from agents.flows.parts import escalate, flow, model, together, way
from agents.flows.recipe import Recipe
from agents.flows.roles import ANALYST, BILLING, RETENTION, SUPERVISOR, WRITER, Role

SPECIALISTS = (ANALYST, BILLING, RETENTION)
ASKED = phrase("the supervisor asks for %(role)s")


def specialist(role: Role) -> Node:
    """A specialist, who works only when asked; nothing about the others is in it."""
    asked = Criterion(ASKED % {"role": role.slug}, lambda s: role.slug in s["delegate"]["specialists"])
    return replace(model(role), when=asked)


def supervised(specialists: Sequence[Role]) -> Graph:
    """The flow with these specialists: to add one is to name it here."""
    team = [specialist(role) for role in specialists]
    return flow(
        "supervisor",
        phrase("hierarchical supervisor"),
        [
            model(SUPERVISOR, "delegate", kind=Kind.ROUTER),
            together("specialists", *team, reads=["input", "delegate"]),
            *team,
            model(WRITER, "consolidate", reads=["input", "specialists"]),
            escalate(phrase("The supervisor could not give one answer.")),
        ],
        [way("delegate", "specialists"), way("specialists", "consolidate")],
    )


RECIPE = Recipe(
    phrase("A supervisor and specialists"),
    phrase("Only the specialists that are needed work; the supervisor answers for all."),
    supervised(SPECIALISTS),
    (SUPERVISOR, *SPECIALISTS, WRITER),
    {"text": "I want to cancel my plan because the last two invoices were wrong."},
)
