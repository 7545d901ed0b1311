"""The walk: node after node from the graph's start, each step's result handed over before the next begins."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from agents.engine.ahead import at_once, looks_up
from agents.engine.attempt import Attempt
from agents.engine.branches import Branch, branches_of
from agents.engine.call import Context, Result, question_of, result_of
from agents.engine.checkpoint import checkpoint
from agents.engine.driver import Driver
from agents.engine.errors import FlowFailed
from agents.engine.graph import Course, Edge, Graph, Kind, Node
from agents.engine.guard import Guard
from agents.engine.journal import Journal, StepRecord
from agents.engine.outcome import Done, Failed, Interrupted, Outcome
from agents.engine.parallel import fan_out
from agents.engine.state import Json, State, digest
from agents.engine.subcalls import SubCalls
from agents.engine.undo import take_back


def walk(graph: Graph, journal: Journal, services: Any, state: State) -> Outcome:
    """Walk `graph` until it is done, waits, stops or fails. `state` is `State(the run's input)`.

    What the journal has is replayed, so the same call resumes a run after a crash or an answer. Errors other than
    StepFault (LeaseLost, a defect, a broken connection) pass through; the journal then stands as it was.
    """
    try:
        return Done(Walk(Driver(journal, services), graph).travel(state))
    except Interrupted as interrupted:
        return interrupted.outcome
    except FlowFailed as failed:
        return Failed(failed.kind, str(failed), failed.key)


@dataclass(frozen=True, slots=True)
class Walk:
    """One way through one graph; a sub-flow and a branch are walks of their own on the same journal."""

    driver: Driver
    graph: Graph

    def travel(self, state: State, path: str = "") -> Json:
        """The last node's output. Raises Interrupted, or FlowFailed once what was written has been taken back."""
        try:
            return self._go(state, path)
        except FlowFailed as failed:
            complaints = take_back(self.driver, self.graph, path)
            if not complaints:
                raise
            raise FlowFailed(failed.kind, "; ".join([str(failed), *complaints]), failed.key) from failed

    def _go(self, state: State, path: str) -> Json:
        guard = Guard(self.graph)
        name, why = self.graph.start, "start"
        while True:
            node, visit = self.graph.by_name[name], state.visits.get(name, 0) + 1
            intent = intended(node, state, f"{path}{name}/{visit}", why, visit=visit)
            guard.admit(node, intent)
            if looks_up(node):
                self._look_ahead(node, state, path)
            record = self.step(node, intent, state)
            state = _reached(node, record, state)
            way = self._way_on(record, state)
            if way is None:
                return record.output
            guard.follow(way, record.key)
            state = checkpoint(self.driver, self.graph, state, path, guard.steps)
            name, why = way.target, way.criterion.text if way.criterion else ""

    def _look_ahead(self, first: Node, state: State, path: str) -> None:
        """Make slow look-ups at once; the walk then finds each in the journal, in its turn."""
        group = at_once(self.graph, first)
        keys = {one.name: f"{path}{one.name}/{state.visits.get(one.name, 0) + 1}" for one in group}
        left = [one for one in group if self.driver.journal.recorded(keys[one.name]) is None]
        why = "at once with " + ", ".join(one.name for one in left if one is not first)

        def job(node: Node, journal: Journal) -> None:
            intent = intended(node, state, keys[node.name], why, visit=state.visits.get(node.name, 0) + 1)
            unjudged = replace(node, exit=None)  # it may be about what the others bring
            replace(self, driver=replace(self.driver, journal=journal)).step(unjudged, intent, state)

        if len(left) > 1:
            fan_out(self.driver.journal, [partial(job, one) for one in left])

    def step(self, node: Node, intent: StepRecord, state: State) -> StepRecord:
        """The step `intent`, made or replayed; its `error` says when the exit criterion is not met."""
        call = SubCalls(self.driver, intent)
        context = Context(intent.key, intent.input, self.driver.services, intent.cost_micros, call)
        if node.kind is Kind.PERSON and node.call is not None:
            record = self.driver.consult(intent, partial(question_of, node.call, context))
        else:
            accept = partial(_unmet, node, state)
            made = Attempt(intent, lambda: self._call(node, intent, context, state), accept, node.idempotent)
            record = self.driver.perform(made)
        if node.kind is Kind.PERSON or looks_up(node):  # answered elsewhere, or made before its turn
            return replace(record, error=record.error or _unmet(node, state, record.output))
        return record

    def _call(self, node: Node, intent: StepRecord, context: Context, state: State) -> Result:
        if node.call is not None:
            return result_of(node.call, context)
        if node.flow is not None:
            parts = list(intent.input.values())
            inner = State(parts[0] if len(node.reads) == 1 and parts else intent.input)
            return Result(Walk(self.driver, node.flow).travel(inner, f"{intent.key}/"))
        return Result(self._branches(node, intent, state))

    def _branches(self, parallel: Node, whole: StepRecord, state: State) -> dict[str, Json]:
        """What each branch brought, by node (or number), with its number and its error or why it was skipped."""

        def branch(one: Branch, journal: Journal) -> Json:
            walk = replace(self, driver=replace(self.driver, journal=journal))
            key, why = f"{whole.key}/{one.number}", f"branch of {parallel.name}"
            intent = intended(one.node, one.state, key, why, visit=whole.visit, branch=one.number)
            record = walk.step(one.node, intent, one.state)
            return {"branch": one.number, "output": record.output, "error": record.error}

        branches = branches_of(self.graph, parallel, state, whole.key)
        brought = {one.name: one.skipped for one in branches}
        run = [one for one in branches if not one.skipped]
        results = fan_out(self.driver.journal, [partial(branch, one) for one in run]) if run else []
        return brought | dict(zip([one.name for one in run], results, strict=True))

    def _way_on(self, record: StepRecord, state: State) -> Edge | None:
        """The edge that leads on; None at the end."""
        error = state.errors.get(record.node)
        ways = self.graph.ways(record.node, Course.FAILED if error else Course.DONE)
        for edge in ways:
            if edge.criterion and edge.criterion.holds(state):
                return edge
        if error:
            raise FlowFailed(record.fault or "exit_criterion", f"“{record.node}”: {error}", record.key)
        if ways:
            raise FlowFailed("no_way_on", f"None of the ways on from “{record.node}” applies", record.key)
        return None


def intended(node: Node, state: State, key: str, why: str, *, visit: int = 1, branch: str = "") -> StepRecord:
    """The step about to be made: what it reads, why it runs, what it may cost."""
    parts = state.read(node.reads)
    return StepRecord(
        key=key,
        node=node.name,
        kind=node.kind,
        effect=node.effect,
        branch=branch,
        visit=visit,
        input=parts,
        input_sha256=digest(parts),
        reason=why,
        cost_micros=node.cost_micros or 0,
    )


def _reached(node: Node, record: StepRecord, state: State) -> State:
    if node.kind is Kind.PARALLEL and node.each is None:
        for name, branch in (record.output or {}).items():
            state = state.after(name, branch["output"], branch["error"])
    return state.after(node.name, record.output, record.error)


def _unmet(node: Node, state: State, output: Json) -> str:
    if node.exit is None or node.exit.holds(state.after(node.name, output)):
        return ""
    return f"exit criterion not met: {node.exit.text}"
