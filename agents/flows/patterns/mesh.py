"""Mesh: peers ask each other directly, without a centre; one that is gone is missed, and the others go on.

Chosen only where each peer owns knowledge that no lead can route to: laterally asked questions multiply calls.
"""

from collections.abc import Callable, Mapping

from agents.base.phrases import phrase
from agents.engine import Context, Effect, Json, Kind, Node, Result, StepFault
from agents.flows.agreeing import agreed, ask, is_open, take_in
from agents.flows.parts import code, flow, join, person, think, together, way
from agents.flows.recipe import Recipe
from agents.flows.roles import ANALYST, BILLING, RETENTION, Role

PROMISE = "promise"
"""What every peer wants to write: what the customer is to be told."""


def peer(name: str, role: Role, other: Role) -> Node:
    """A peer that first asks another one; without its answer it works on, and says so."""
    most = role.cost_micros + other.cost_micros
    return code(name, _asking(role, other), kind=Kind.ROLE, cost_micros=most, latency_ms=8_000)


def _asking(role: Role, other: Role) -> Callable[[Context], Result]:
    def call(context: Context) -> Result:
        heard = _ask(context, f"{role.slug} asks {other.slug}", other, message=context.input["input"]["text"])
        told = {"heard": heard} if heard else {}
        own = _ask(context, f"{role.slug} answers", role, message=context.input["input"]["text"], **told)
        if own is None:
            raise StepFault("peer_gone", f"{role.slug} does not answer")
        write = {"key": PROMISE, "value": own["finding"], "base": 0}
        return Result({**own, "missing": [] if heard else [other.slug], "writes": [write]})

    return call


def _ask(context: Context, what: str, role: Role, **data: Json) -> Json:
    """What a peer says; None when it cannot."""
    try:
        return context.call(
            what,
            lambda: think(context, role, **data),
            input={"asks": role.slug, **data},
            effect=Effect.MODEL,
            cost_micros=role.cost_micros,
        )
    except StepFault:
        return None


def _told(seen: Mapping[str, Json]) -> Json:
    missing = sorted(name for name, part in seen["peers"].items() if part["error"])
    return {"memory": seen.get("agreed", seen["memory"]), "degraded": missing}


PEERS = (
    peer("facts", ANALYST, BILLING),
    peer("accounts", BILLING, RETENTION),
    peer("relation", RETENTION, BILLING),
)
GRAPH = flow(
    "mesh",
    phrase("mesh"),
    [
        together("peers", *PEERS, latency_ms=10_000),
        *PEERS,
        code("memory", take_in("memory", "peers"), reads=["memory", "peers"], kind=Kind.JOIN),
        person("settle", ask("memory"), ["memory"]),
        join("agreed", lambda seen: agreed(seen["memory"], seen["settle"]), ["memory", "settle"]),
        join("told", _told, ["peers", "memory", "agreed"]),
    ],
    [
        way("peers", "memory"),
        way("memory", "settle", phrase("a person is to say which of them holds"), lambda s: is_open(s, "memory")),
        way("memory", "told", phrase("nothing contradicts")),
        way("settle", "agreed"),
        way("agreed", "told"),
    ],
)
RECIPE = Recipe(
    phrase("Equals who ask each other"),
    phrase("Three peers ask one another without a lead; two that write the same thing are shown as a conflict."),
    GRAPH,
    (ANALYST, BILLING, RETENTION),
    {"text": "The customer was promised 20 percent by phone; the invoice shows 10, and the contract ends in June."},
)
