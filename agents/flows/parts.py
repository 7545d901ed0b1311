"""The few parts that every shipped flow is built of, with limits and criteria filled in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from agents.base.phrases import phrase
from agents.engine import (
    ALWAYS,
    Context,
    Course,
    Criterion,
    Edge,
    Effect,
    Graph,
    Json,
    Kind,
    Node,
    Question,
    Result,
    Slo,
    State,
    StepFault,
)
from agents.engine.call import Call
from agents.engine.checkpoint import GOAL
from agents.engine.prompts import Prompt
from agents.flows.condensing import condensed, left_micros
from agents.flows.confidence import sure_answer
from agents.flows.customers import known
from agents.flows.lookup import LOOK_UP_MICROS, look_up
from agents.flows.pieces import PASSAGES, seen
from agents.flows.roles import Role
from agents.flows.taking import check_given
from agents.runs.services import Services

Holds = Callable[[State], bool]
ESCALATE = "escalate"
FAILED = Criterion(phrase("it failed"), lambda s: True)
DELIVERED = phrase("what was asked for is there")
ANSWERED = phrase("a person answered")
BROUGHT = phrase("it brought a result")
ONE_DELIVERED = phrase("one of its branches delivered")
ANSWER: dict[str, Any] = {
    "type": "object",
    "required": ["answer"],
    "properties": {"answer": {"type": "string", "title": phrase("Your answer"), "minLength": 1, "maxLength": 5000}},
}
TEXT_INPUT: dict[str, Any] = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string", "minLength": 1, "maxLength": 20_000, "pattern": r"\S"}},
}
BY = phrase("by %(model)s")
NEEDS_PERSON = phrase("A person is to decide: %(said)s")
MINUTE_MS = 60_000


def services(context: Context) -> Services:
    return cast(Services, context.services)


def said(state: State | Mapping[str, Json]) -> str:
    """What the run was asked."""
    return str(state["input"]["text"])


def prompt_of(context: Context, role: Role) -> Prompt:
    """The prompt in force. Raises StepFault (`no_prompt`) when the team has dropped the role."""
    try:
        return services(context).prompts.get(role.slug)
    except LookupError as missing:
        raise StepFault("no_prompt", str(missing)) from None


def think(context: Context, role: Role, **data: Json) -> Result:
    """What the role's model says of `data`.

    Raises StepFault: `bad_input` when the role cannot take the data, `confidence` when it is less sure of what it says
    than the policy asks.
    """
    check_given(role.takes, data)
    data |= {GOAL: context.input[GOAL]} if GOAL in context.input else {}
    prompt = prompt_of(context, role)
    messages = prompt.messages(**condensed(context, prompt, role, data))
    rest = replace(role, cost_micros=left_micros(context, role.cost_micros))
    reply = sure_answer(services(context), rest, messages, prompt.version)
    return Result(reply.data, reply.because(BY % {"model": reply.model}), reply.usage(prompt.version))


def model(role: Role, name: str = "", *, reads: Sequence[str] = ("input",), **more: Any) -> Node:
    """A node that asks the role's model; delivered once there is an answer that fits the role's schema."""
    name = name or role.slug
    given: dict[str, Any] = {
        "kind": Kind.ROLE,
        "exit": Criterion(DELIVERED, lambda s: bool(s[name])),
        "call": lambda context: think(context, role, **seen(context)),
    }
    return Node(
        name=name,
        effect=Effect.MODEL,
        reads=tuple(reads),
        latency_ms=role.latency_ms,
        cost_micros=role.cost_micros,
        **(given | more),
    )


def code(name: str, call: Call, *, reads: Sequence[str] = ("input",), kind: Kind = Kind.TOOL, **more: Any) -> Node:
    """A node of plain code, without cost."""
    given: dict[str, Any] = {"exit": _brought(name), "latency_ms": 500, "cost_micros": 0}
    return Node(name=name, call=call, kind=kind, reads=tuple(reads), **(given | more))


def _brought(name: str) -> Criterion:
    return Criterion(BROUGHT, lambda s: s[name] is not None)


def join(name: str, merge: Callable[[Mapping[str, Json]], Json], reads: Sequence[str]) -> Node:
    """A node that makes one thing of what others brought."""
    return code(name, lambda context: Result(merge(context.input)), reads=reads, kind=Kind.JOIN)


def together(name: str, *branches: Node, reads: Sequence[str] = ("input",), latency_ms: int = 5_000) -> Node:
    """A parallel set of these nodes."""
    return _set(name, reads, latency_ms, branches=tuple(node.name for node in branches))


def for_each(name: str, branch: Node, items: Callable[[State], Sequence[Json]], reads: Sequence[str]) -> Node:
    """A parallel set that runs `branch` once for each item, however many there are this time."""
    return _set(name, reads, 10_000, branches=(branch.name,), each=items)


def _set(name: str, reads: Sequence[str], latency_ms: int, **fan: Any) -> Node:
    one = Criterion(ONE_DELIVERED, lambda s: not all(part["error"] for part in s[name].values()))
    limits: dict[str, Any] = {"latency_ms": latency_ms, "cost_micros": 0}
    return Node(name=name, kind=Kind.PARALLEL, exit=one, reads=tuple(reads), **limits, **fan)


def inside(name: str, graph: Graph, reads: Sequence[str] = ("input",)) -> Node:
    """A sub-flow as one node."""
    limits: dict[str, Any] = {"latency_ms": graph.slo.latency_ms, "cost_micros": 0}
    return Node(name=name, kind=Kind.FLOW, flow=graph, exit=_brought(name), reads=tuple(reads), **limits)


def person(name: str, ask: Callable[[Context], Question], reads: Sequence[str] = ("input",), **more: Any) -> Node:
    """A node where somebody answers."""
    exit = Criterion(ANSWERED, lambda s: bool(s[name]))
    limits: dict[str, Any] = {"latency_ms": 60 * MINUTE_MS, "cost_micros": 0}
    return Node(name=name, kind=Kind.PERSON, call=ask, exit=exit, reads=tuple(reads), **limits, **more)


def escalate(why: str, reads: Sequence[str] = ("input",)) -> Node:
    """The node where a person takes the whole thing over."""

    def ask(context: Context) -> Question:
        text = " ".join(said(context.input).split())[:160]
        return Question("question", NEEDS_PERSON % {"said": text}, detail=why, schema=ANSWER, severity="high")

    return person(ESCALATE, ask, reads)


def search(
    name: str,
    query: Callable[[Mapping[str, Json]], str],
    reads: Sequence[str] = ("input",),
    *,
    for_customer: bool = False,
) -> Node:
    """The retriever: the agent's own passages for the words that `query` makes of what the node reads.

    `for_customer`: with what is known of whoever wrote, their conversation first.
    """

    def call(context: Context) -> Result:
        found = look_up(context, query(context.input), 4)
        texts = {f"p{n}": one.text[:1200] for n, one in enumerate(found, start=1)}
        told = known(context) if for_customer else {}
        return Result({PASSAGES: texts, "sources": sorted({one.source for one in found}), **told})

    return code(name, call, reads=reads, cost_micros=LOOK_UP_MICROS)


def way(source: str, target: str, text: str = "", holds: Holds = lambda s: True, **more: Any) -> Edge:
    """An edge; without words, the single way on."""
    return Edge(source=source, target=target, criterion=Criterion(text, holds) if text else ALWAYS, **more)


def flow(
    slug: str, pattern: str, nodes: Sequence[Node], edges: Sequence[Edge], *, fails: Sequence[str] = (), **more: Any
) -> Graph:
    """The graph, starting at its first node. With an `escalate`, an effect or a set that fails goes there.

    `fails`: the nodes whose failure is the flow's own, so that what was written is taken back.
    """
    names = {node.name for node in nodes}
    kept = {name for node in nodes for name in node.branches} | set(fails)
    costly = [n for n in nodes if n.effect is not Effect.READ or n.kind is Kind.PARALLEL]
    failing = [n.name for n in costly if n.name not in kept]
    ways = [Edge(source=n, target=ESCALATE, criterion=FAILED, on=Course.FAILED) for n in failing if ESCALATE in names]
    given: dict[str, Any] = {"slo": Slo(latency_ms=30_000), "fallback": ESCALATE if ESCALATE in names else ""}
    return Graph(
        name=slug, pattern=pattern, start=nodes[0].name, nodes=tuple(nodes), edges=(*edges, *ways), **(given | more)
    )
