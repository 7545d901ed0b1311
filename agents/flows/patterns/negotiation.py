"""Negotiation loop: two sides make offers in turn, until one accepts or the rounds are used up."""

from collections.abc import Mapping

from agents.base.phrases import phrase
from agents.engine import Json, State
from agents.flows.parts import escalate, flow, join, model, way
from agents.flows.recipe import Recipe
from agents.flows.roles import NEGOTIATOR

ROUNDS = 3
ACCEPTED = phrase("the other side's offer is accepted")


def _agreed(seen: Mapping[str, Json]) -> Json:
    """Who accepted, and the other side's offer that holds."""
    by, other = ("seller", "buyer") if seen.get("seller", {}).get("accept") else ("buyer", "seller")
    return {"accepted_by": by, "price": seen[other]["offer"]}


def _left(state: State) -> bool:
    return state.visits["seller"] < ROUNDS


GRAPH = flow(
    "negotiation",
    phrase("negotiation loop"),
    [
        model(NEGOTIATOR, "buyer", reads=["input", "seller", "buyer"], max_visits=ROUNDS),
        model(NEGOTIATOR, "seller", reads=["input", "buyer", "seller"], max_visits=ROUNDS),
        join("agree", _agreed, ["buyer", "seller"]),
        escalate(phrase("The two sides did not agree."), ["input", "buyer", "seller"]),
    ],
    [
        way("buyer", "seller", phrase("it makes an offer"), lambda s: "seller" not in s or not s["buyer"]["accept"]),
        way("buyer", "agree", ACCEPTED),
        way("seller", "agree", ACCEPTED, lambda s: s["seller"]["accept"]),
        way("seller", "buyer", phrase("rounds are left"), _left),
        way("seller", "escalate", phrase("no rounds are left")),
    ],
)
RECIPE = Recipe(
    phrase("Settle a price"),
    phrase("Buyer and seller take turns, three rounds at most; without agreement a person decides."),
    GRAPH,
    (NEGOTIATOR,),
    {"text": "A stand of 20 square metres is listed at 4,000 euros; the buyer's budget is 3,200."},
)
