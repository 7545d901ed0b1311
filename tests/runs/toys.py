"""Toy flows and what a test needs to run them: every call is counted, so that a second one is seen."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from typing import Any

from agents.engine import ALWAYS, Context, Criterion, Edge, Effect, Graph, Json, Kind, Node, Question, Result, Slo
from agents.fleet.models import Agent, Assignment, Flow, FlowVersion
from agents.runs.actions import start_run
from agents.runs.models import ReviewItem, Run, RunException
from agents.runs.registry import FlowContext, register_flow

CALLS: Counter[str] = Counter()
"""How often each step was really made, by run and key."""
MEANWHILE: dict[str, Callable[[], object]] = {}
"""What happens in the world while a node of that name is at work."""
LIMITS: dict[str, Any] = {"exit": ALWAYS, "latency_ms": 1000}


def work(context: Context) -> Result:
    """Counts itself, lets the world go on, and says where it was."""
    CALLS[context.key] += 1
    if happens := MEANWHILE.get(context.key.split("/", maxsplit=1)[0]):
        happens()
    return Result({"at": context.key})


def ask(context: Context) -> Question:
    reason = str(context.input["input"].get("reason", "question"))
    proposal = context.input["input"].get("proposal")
    schema: dict[str, Json] = context.input["input"].get("schema", {})
    return Question(reason=reason, title="May I?", detail="Because.", schema=schema, proposal=proposal)


def line(name: str, *nodes: Node) -> Graph:
    """The nodes one after another."""
    ways = [Edge(source=a.name, target=b.name, criterion=ALWAYS) for a, b in itertools.pairwise(nodes)]
    slo = Slo(latency_ms=10_000)
    return Graph(name=name, pattern="chain", start=nodes[0].name, nodes=nodes, edges=tuple(ways), slo=slo)


def step(name: str, effect: Effect = Effect.READ, cost_micros: int = 0, idempotent: bool = False) -> Node:
    kind = Kind.ROLE if effect is Effect.MODEL else Kind.TOOL
    return Node(
        name=name, kind=kind, call=work, effect=effect, cost_micros=cost_micros, idempotent=idempotent, **LIMITS
    )


def person(name: str = "person") -> Node:
    return Node(name=name, kind=Kind.PERSON, call=ask, cost_micros=0, **LIMITS)


def chain(context: FlowContext) -> Graph:
    return line("toy-chain", *(step(f"n{number}") for number in range(int(context.settings.get("steps", 3)))))


def model(context: FlowContext) -> Graph:
    return line("toy-model", step("think", Effect.MODEL, cost_micros=int(context.settings.get("cost", 100))))


def effect(context: FlowContext) -> Graph:
    return line("toy-effect", step("before"), step("send", Effect.WRITE), step("after"))


def asking(context: FlowContext) -> Graph:
    return line("toy-asking", step("before"), person(), step("after"))


def wide(context: FlowContext) -> Graph:
    """Three branches at once, then a join."""
    branches = tuple(step(name) for name in ("left", "middle", "right"))
    fan = Node(name="fan", kind=Kind.PARALLEL, branches=("left", "middle", "right"), cost_micros=0, **LIMITS)
    ways = (Edge(source="fan", target="join", criterion=ALWAYS),)
    nodes = (fan, *branches, step("join"))
    return Graph(name="toy-wide", pattern="parallel", start="fan", nodes=nodes, edges=ways, slo=Slo(latency_ms=10_000))


def broken(context: FlowContext) -> Graph:
    never = Criterion("it is perfect", lambda state: False)
    node = Node(name="bad", kind=Kind.TOOL, call=work, cost_micros=0, exit=never, latency_ms=10)
    return line("toy-broken", node)


def defect(context: FlowContext) -> Graph:
    def call(context: Context) -> Result:
        raise KeyError("nobody thought of this")

    return line("toy-defect", Node(name="bad", kind=Kind.TOOL, call=call, cost_micros=0, **LIMITS))


TOYS = (chain, model, effect, asking, wide, broken, defect)
for toy in TOYS:
    register_flow(f"toy-{toy.__name__}", toy.__name__, toy)


def equip(agent: Agent, toy: str, *, run_cap: int = 10**9, day_cap: int = 10**9, **settings: Json) -> Assignment:
    """The agent runs the toy from now on."""
    flow, _made = Flow.objects.get_or_create(
        team=agent.team, slug=f"toy-{toy}", defaults={"name": toy, "pattern": "chain"}
    )
    number = flow.versions.count() + 1
    version = FlowVersion.objects.create(flow=flow, number=number, graph={}, settings=settings)
    assignment, _made = Assignment.objects.update_or_create(
        agent=agent, defaults={"flow_version": version, "run_cap_micros": run_cap, "day_cap_micros": day_cap}
    )
    return assignment


def started(agent: Agent, toy: str, input: dict[str, Json] | None = None, **settings: Json) -> Run:
    """A queued run of the toy."""
    equip(agent, toy, **settings)
    return start_run(agent, actor=None, input=input or {"text": "hello"})


def asked(run: Run) -> RunException:
    """The one open exception that the run brought about."""
    return RunException.objects.get(run=run, state="open")


def item_of(run: Run) -> ReviewItem:
    """The one open place in the queue that the run brought about."""
    return ReviewItem.objects.select_related("exception").get(exception__run=run, exception__state="open")
