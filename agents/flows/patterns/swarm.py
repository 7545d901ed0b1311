"""Swarm: peers hand control to each other; exactly one is active at any time.

Chosen only where no one can know at the start who will be needed: it costs more and is harder to follow than routing.
"""

from collections.abc import Mapping

from agents.base.phrases import phrase
from agents.engine import Edge, Json
from agents.flows.parts import escalate, flow, join, model, way
from agents.flows.recipe import Recipe
from agents.flows.roles import PEER

PEERS = ("desk", "accounts", "technical")
HANDOFFS = 4


def _ways(peer: str) -> list[Edge]:
    words = phrase("handed to %(peer)s")
    on = [
        way(peer, other, words % {"peer": other}, lambda s, to=other: s[peer]["handoff"] == to, handoff=True)  # type: ignore[misc]
        for other in PEERS
        if other != peer
    ]
    return [*on, way(peer, "answer", phrase("nobody else is needed"))]


def _answer(seen: Mapping[str, Json]) -> Json:
    ended = {name: seen[name] for name in PEERS if name in seen and seen[name]["handoff"] in ("nobody", name)}
    return {"by": sorted(ended), "reply": next(iter(ended.values()))["reply"]}


GRAPH = flow(
    "swarm",
    phrase("swarm"),
    [
        *(model(PEER, peer, reads=["input", *(one for one in PEERS if one != peer)]) for peer in PEERS),
        join("answer", _answer, PEERS),
        escalate(phrase("No colleague could answer.")),
    ],
    [edge for peer in PEERS for edge in _ways(peer)],
    max_handoffs=HANDOFFS,
)
RECIPE = Recipe(
    phrase("Hand over among equals"),
    phrase("Desk, accounts and technical pass a matter on until one answers; four handovers at most."),
    GRAPH,
    (PEER,),
    {"text": "The app shows an error when I open my invoice, and the invoice itself looks wrong too."},
)
