"""Compensation: when a flow fails, what it wrote is taken back, last write first."""

from __future__ import annotations

from collections.abc import Sequence

from agents.engine.attempt import Attempt
from agents.engine.call import Call, Context, result_of
from agents.engine.driver import Driver
from agents.engine.graph import Node
from agents.engine.journal import StepRecord, StepState
from agents.engine.state import digest
from agents.engine.subcalls import SubCalls


def take_back(driver: Driver, made: Sequence[tuple[Node, StepRecord]]) -> list[str]:
    """Undo the confirmed steps that can be undone, as steps of their own (`…/undo`). Returns what could not be."""
    complaints = []
    for node, record in reversed(made):
        if node.undo is None or record.state is not StepState.CONFIRMED:
            continue
        undone = driver.perform(_undoing(driver, node.undo, record))
        if undone.state is StepState.FAILED:
            complaints.append(f"“{node.name}” could not be taken back: {undone.error}")
    return complaints


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
