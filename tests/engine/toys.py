"""Toy graphs: small flows whose nodes count how often they were really called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from agents.engine import (
    ALWAYS,
    Context,
    Criterion,
    Edge,
    Graph,
    Kind,
    MemoryJournal,
    Node,
    Outcome,
    Question,
    Result,
    Slo,
    State,
    StepRecord,
    walk,
)
from agents.engine.call import Call

AT = datetime(2026, 11, 20, 6, tzinfo=UTC)


class Calls(Counter[str]):
    """Services of a toy run: how often each step key was called for real."""


def node(name: str, call: Call | None = None, **changes: Any) -> Node:
    """A role that answers with its own key, unless told otherwise."""
    given: dict[str, Any] = {"kind": Kind.ROLE, "exit": ALWAYS, "latency_ms": 1000, "cost_micros": 1000}
    given |= changes
    needs_call = given["kind"] not in (Kind.PARALLEL, Kind.FLOW)
    return Node(name=name, call=counted(call or own_key) if needs_call else None, **given)


def own_key(context: Context) -> Result:
    return Result({"by": context.key})


def counted(call: Call) -> Call:
    def counting(context: Context) -> Result | Question:
        if isinstance(context.services, Counter):
            context.services[context.key] += 1
        return call(context)

    return counting


def when(text: str, holds: Callable[[State], bool]) -> Criterion:
    return Criterion(text, holds)


def edge(source: str, target: str, criterion: Criterion | None = ALWAYS, **changes: Any) -> Edge:
    return Edge(source=source, target=target, criterion=criterion, **changes)


def graph(*nodes: Node, edges: tuple[Edge, ...] = (), **changes: Any) -> Graph:
    given: dict[str, Any] = {"name": "toy", "pattern": "prompt chaining", "start": nodes[0].name, "slo": Slo(1000)}
    return Graph(nodes=nodes, edges=edges, **(given | changes))


def chain(*nodes: Node, **changes: Any) -> Graph:
    """The nodes one after another."""
    pairs = pairwise(nodes)
    return graph(*nodes, edges=tuple(edge(one.name, two.name) for one, two in pairs), **changes)


def go(flow: Graph, journal: MemoryJournal, services: Any = None, given: Any = None) -> Outcome:
    return walk(flow, journal, services, State(given))


def at(journal: MemoryJournal, key: str) -> StepRecord:
    """The recorded step `key`, which must be there."""
    record = journal.recorded(key)
    assert record is not None, f"no step {key} in {list(journal.rows)}"
    return record
