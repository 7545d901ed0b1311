"""Compensation: when a flow fails, what it wrote is taken back, last write first."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from agents.engine.attempt import Attempt
from agents.engine.call import Call, Context, result_of
from agents.engine.driver import Driver
from agents.engine.graph import Graph, Node
from agents.engine.journal import Journal, StepRecord, StepState
from agents.engine.state import digest
from agents.engine.subcalls import SubCalls


def take_back(driver: Driver, graph: Graph, path: str) -> list[str]:
    """Undo the confirmed steps below `path` that can be undone, as steps of their own (`…/undo`).

    A set or a sub-flow without an undo of its own is taken back piece by piece. Returns what could not be.
    """
    complaints = []
    made = list(_made(driver.journal, graph, path))
    for node, undo, record in sorted(made, key=lambda one: str(one[2].finished_at), reverse=True):
        undone = driver.perform(_undoing(driver, undo, record))
        if undone.state is StepState.FAILED:
            complaints.append(f"“{node.name}” could not be taken back: {undone.error}")
    return complaints


def _made(journal: Journal, graph: Graph, path: str) -> Iterator[tuple[Node, Call, StepRecord]]:
    """What the journal has of one walk of `graph`, as far as there is a way back."""
    for node in graph.nodes:
        for visit in count(1):
            record = journal.recorded(f"{path}{node.name}/{visit}")
            if record is None:
                break
            yield from _within(journal, graph, node, record)


def _within(journal: Journal, graph: Graph, node: Node, record: StepRecord) -> Iterator[tuple[Node, Call, StepRecord]]:
    if record.state is not StepState.CONFIRMED:  # a sub-flow that failed has taken its own back
        return
    if node.undo is not None:
        yield node, node.undo, record
    elif node.flow is not None:
        yield from _made(journal, node.flow, f"{record.key}/")
    else:
        names = node.branches if node.each is None else node.branches * len(record.output)
        for number, name in enumerate(names):
            if branch := journal.recorded(f"{record.key}/b{number}"):
                yield from _within(journal, graph, graph.by_name[name], branch)


def _undoing(driver: Driver, undo: Call, record: StepRecord) -> Attempt:
    parts = {"input": record.input, "output": record.output}
    intent = StepRecord(
        key=f"{record.key}/undo",
        node=record.node,
        kind=record.kind,
        effect=record.effect,
        branch=record.branch,
        visit=record.visit,
        input=parts,
        input_sha256=digest(parts),
        reason="the flow failed after it",
        cost_micros=record.cost_micros,
    )
    context = Context(intent.key, parts, driver.services, intent.cost_micros, SubCalls(driver, intent))
    return Attempt(intent, lambda: result_of(undo, context))
