"""A run walked again on its recorded results: nothing is called, nothing leaves, nothing is written.

The flow's code of today decides the way; what it would now read, reach or come to otherwise is a difference.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Never

from django.utils.translation import gettext as _

from agents.base.errors import Invalid
from agents.engine import (
    Context,
    Done,
    Failed,
    Goal,
    Graph,
    Json,
    Kind,
    Node,
    Outcome,
    Signal,
    State,
    StepRecord,
    StepState,
    Stopped,
    Waiting,
    digest,
    walk,
)
from agents.engine.outcome import Interrupted
from agents.fleet.models import FlowVersion
from agents.runs.enums import RunState
from agents.runs.execution.rows import to_record
from agents.runs.models import Run, RunPlan
from agents.runs.queries.traces import texts_are_gone
from agents.runs.registry import FlowContext, UnknownFlow, flow
from agents.runs.routes import first_state
from agents.runs.services import services_for

COMPOSED = (Kind.FLOW, Kind.PARALLEL)
"""Walked again as well: what is recorded of them is what their parts came to."""


@dataclass(frozen=True, slots=True)
class Difference:
    """`what`: the `flow` was changed (`key` is a node), a step's `input` or `output` is another, a recorded step is
    `skipped` now, a `new` step would be made, or the run's `end` is another."""

    what: str
    key: str
    before: Json = None
    now: Json = None


@dataclass(frozen=True, slots=True)
class Replay:
    """How far the walk came: `steps` recorded results were used; `stopped_at` is the step that has none, if any."""

    steps: int
    differences: list[Difference]
    stopped_at: str = ""

    @property
    def same(self) -> bool:
        return not self.differences


def replayed(run: Run) -> Replay:
    """Raises Invalid (`not_ours`, `flow`, `forgotten`) where it cannot be walked."""
    version = walkable(run)
    graph = flow(version.flow.slug).build(FlowContext(run, run.agent, version.settings, services_for(run)))
    records = {step.key: to_record(step) for step in run.steps.order_by("seq")}
    journal = _Recorded(records)
    outcome = _outcome(graph, journal, first_state(run, RunPlan.objects.filter(run=run).first()))
    stopped_at = journal.reached or (outcome.question.key if isinstance(outcome, Waiting) else "")
    differences = [
        *_flow_changes(version.graph, graph.describe()),
        *journal.differences,
        *_unused(records, journal.used),
        *_end(run, outcome, stopped_at, records),
    ]
    return Replay(len(journal.used & records.keys()), differences, stopped_at)


def _outcome(graph: Graph, journal: "_Recorded", state: State) -> Outcome:
    """How the walk ends. Code of today that cannot read what was recorded is an end, too."""
    try:
        return walk(journal.silent(graph), journal, None, state)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        return Failed("defect", f"{type(error).__name__}: {error}")


def walkable(run: Run) -> FlowVersion:
    """The version that the run was of.

    Raises Invalid (`not_ours`, `flow`) where there is no flow of ours to walk, (`forgotten`) where its texts are gone.
    """
    version = run.flow_version
    if version is None or run.source:
        raise Invalid(_("Another system carried this run out: there is no flow here to walk again."), "not_ours")
    try:
        flow(version.flow.slug)
    except UnknownFlow:
        raise Invalid(_("This flow is no longer shipped: the run can be read, not walked again."), "flow") from None
    if texts_are_gone(run):
        raise Invalid(_("The texts of its steps are no longer kept: it cannot be walked again."), "forgotten")
    return version


@dataclass
class _Recorded:
    """A journal that has what was recorded and takes nothing."""

    records: Mapping[str, StepRecord]
    used: set[str] = field(default_factory=set)
    differences: list[Difference] = field(default_factory=list)
    reached: str = ""
    """The first step that would be made now."""

    def silent(self, graph: Graph) -> Graph:
        """The graph with every call taken out: whatever has no recorded result ends the walk there."""
        goal = graph.goal and Goal(graph.goal.text, graph.goal.constraints)
        return replace(graph, nodes=tuple(self._mute(node) for node in graph.nodes), goal=goal)

    def _mute(self, node: Node) -> Node:
        inner = self.silent(node.flow) if node.flow else None
        return replace(node, call=self._stop if node.call else None, undo=self._stop if node.undo else None, flow=inner)

    def _stop(self, context: Context) -> Never:
        self.reached = self.reached or context.key
        raise Interrupted(Stopped("not_recorded"))

    def recorded(self, key: str) -> StepRecord | None:
        about, mark, _sha = key.partition("/mismatch/")
        if mark and key not in self.records:
            self.differences.append(Difference("input", about, self.records[about].input))
            return go_on(key, about)
        found = self.records.get(key)
        if found is None or found.kind in COMPOSED:
            return None
        self.used.add(key)
        return found

    def commit(self, record: StepRecord) -> None:
        """A composed step was walked anew: it has to come to what it came to then."""
        before = self.records.get(record.key)
        if before is None or record.kind not in COMPOSED:
            return
        self.used.add(record.key)
        if before.input_sha256 != record.input_sha256:
            self.differences.append(Difference("input", record.key, before.input, record.input))
        if before.output != record.output:
            self.differences.append(Difference("output", record.key, before.output, record.output))

    def intend(self, record: StepRecord) -> None:
        """Nothing is announced: the call that follows is taken out."""

    def settle(self, record: StepRecord) -> None:
        """As `commit`: a composed step with a price is announced first."""
        self.commit(record)

    def signal(self, announce: bool = False) -> Signal | None:
        return None


def go_on(key: str, about: str) -> StepRecord:
    """The answer to the engine's question about a changed input of the step `about`: what was recorded holds."""
    sha256, said = digest({"step": about}), {"outcome": "go_on"}
    return StepRecord(
        key=key, node=about, kind=Kind.PERSON, state=StepState.CONFIRMED, input_sha256=sha256, output=said
    )


def _flow_changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Difference]:
    """Nodes that are not what they were; a version without a graph is not compared."""
    then, today = ({node["name"]: node for node in graph.get("nodes", ())} for graph in (before, now))
    names = [*then, *(name for name in today if name not in then)] if then else []
    return [
        Difference("flow", name, then.get(name), today.get(name)) for name in names if then.get(name) != today.get(name)
    ]


def _unused(records: Mapping[str, StepRecord], used: set[str]) -> list[Difference]:
    """Recorded steps that the walk did not come to. Calls inside a step that it used are part of that step."""
    return [
        Difference("skipped", key, record.output)
        for key, record in records.items()
        if record.final and key not in used and not any(key.startswith(f"{one}/") for one in used)
    ]


def _end(run: Run, outcome: Outcome, stopped_at: str, records: Mapping[str, StepRecord]) -> list[Difference]:
    """Whether it ends as it ended. A run that stopped before its end has to stop at a step without a result."""
    before = {"state": run.state, "result": run.result, "reason": run.reason}
    if isinstance(outcome, Done):
        same = run.state == RunState.DONE and run.result == outcome.result
        return [] if same else [Difference("end", "", before, {"state": RunState.DONE.value, "result": outcome.result})]
    if isinstance(outcome, Failed):
        said = {"state": RunState.FAILED.value, "reason": f"{outcome.reason}: {outcome.error}"}
        same = run.state == RunState.FAILED and said["reason"].startswith(run.reason)
        return [] if same else [Difference("end", "", before, said)]
    if run.state == RunState.DONE:
        return [Difference("new", stopped_at)]
    return []
