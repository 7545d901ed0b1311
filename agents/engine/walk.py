"""The walk: node after node from the graph's start, each step's result committed before the next begins."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from agents.engine.call import Context, Question, Result
from agents.engine.driver import Driver
from agents.engine.errors import FlowFailed
from agents.engine.graph import Course, Criterion, Graph, Kind, Node
from agents.engine.guard import Guard
from agents.engine.journal import Journal, StepRecord
from agents.engine.outcome import Done, Failed, Interrupted, Outcome
from agents.engine.parallel import fan_out
from agents.engine.state import Json, State, digest


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
        """The last node's output. Raises FlowFailed or Interrupted. `path` is put before every step's key."""
        guard = Guard(self.graph)
        name, why = self.graph.start, "start"
        while True:
            node, visit = self.graph.by_name[name], state.visits.get(name, 0) + 1
            intent = intended(node, state, f"{path}{name}/{visit}", why, visit=visit)
            guard.admit(node, intent)
            record = self.step(node, intent, state)
            state = _reached(node, record, state)
            way = self._way_on(record, state)
            if way is None:
                return record.output
            name, why = way

    def step(self, node: Node, intent: StepRecord, state: State) -> StepRecord:
        """The step `intent`, made or replayed; its `error` says when the exit criterion is not met."""
        call = self.driver.subcalls(intent)
        context = Context(intent.key, intent.input, self.driver.services, intent.cost_micros, call)
        if node.kind is Kind.PERSON:
            answered = self.driver.consult(intent, lambda: _question(node, context))
            return replace(answered, error=answered.error or _unmet(node, state, answered.output))
        return self.driver.perform(
            intent,
            lambda: self._call(node, context, state),
            accept=partial(_unmet, node, state),
            idempotent=node.idempotent,
        )

    def _call(self, node: Node, context: Context, state: State) -> Result:
        if node.kind is Kind.PARALLEL:
            return Result(self._branches(node, context.key, state))
        if node.flow is not None:
            return Result(Walk(self.driver, node.flow).travel(State(dict(context.input)), f"{context.key}/"))
        result = node.call(context) if node.call else None
        if not isinstance(result, Result):
            raise TypeError(f"“{node.name}” must return a Result, not {type(result).__name__}")
        return result

    def _branches(self, parallel: Node, key: str, state: State) -> dict[str, Json]:
        """What each branch brought, under its node's name, with its number and its error: the provenance."""

        def branch(number: int, node: Node, journal: Journal) -> Json:
            walk = replace(self, driver=replace(self.driver, journal=journal))
            intent = intended(node, state, f"{key}/b{number}", f"branch of {parallel.name}", branch=f"b{number}")
            record = walk.step(node, intent, state)
            return {"branch": intent.branch, "output": record.output, "error": record.error}

        nodes = [self.graph.by_name[name] for name in parallel.branches]
        jobs = [partial(branch, number, node) for number, node in enumerate(nodes)]
        return dict(zip(parallel.branches, fan_out(self.driver.journal, jobs), strict=True))

    def _way_on(self, record: StepRecord, state: State) -> tuple[str, str] | None:
        """The next node and the criterion that leads there; None at the end."""
        failed = record.node in state.errors
        ways = self.graph.ways(record.node, Course.FAILED if failed else Course.DONE)
        for edge in ways:
            if edge.criterion and edge.criterion.holds(state):
                return edge.target, edge.criterion.text
        if failed:
            error = state.errors[record.node]
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
    if node.kind is Kind.PARALLEL and record.output:
        for name, branch in record.output.items():
            state = state.after(name, branch["output"], branch["error"])
    return state.after(node.name, record.output, record.error)


def _unmet(node: Node, state: State, output: Json) -> str:
    criterion: Criterion | None = node.exit
    if criterion is None or criterion.holds(state.after(node.name, output)):
        return ""
    return f"exit criterion not met: {criterion.text}"


def _question(node: Node, context: Context) -> Question:
    question = node.call(context) if node.call else None
    if not isinstance(question, Question):
        raise TypeError(f"“{node.name}” must return a Question, not {type(question).__name__}")
    return question
