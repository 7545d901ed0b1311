"""What a run would come to now: walked with today's prompts, models and policy, and nothing it does has an effect.

Models are asked and cost money. What a tool looked up is as it was recorded wherever the same is asked; an effect or
an answer of a person holds where it is on record, and else the walk ends there and says what it was about to do.
"""

import copy
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from agents.base.phrases import phrase
from agents.engine import (
    BudgetRefused,
    Context,
    Done,
    Effect,
    Failed,
    Goal,
    Graph,
    Json,
    Kind,
    Node,
    Outcome,
    Result,
    Signal,
    State,
    StepRecord,
    StepState,
    Stopped,
    Waiting,
    digest,
    walk,
)
from agents.engine.call import Call
from agents.engine.outcome import Interrupted
from agents.fleet.models import Assignment, FlowVersion, Instruction
from agents.runs.execution.rows import to_record
from agents.runs.models import Run
from agents.runs.registry import FlowContext, flow
from agents.runs.replay import go_on, walkable
from agents.runs.services import services_for
from agents.runs.services.threads import Undone

MOST_S = 300
"""Seconds after which no further call is begun."""
AS_THEN = phrase("as it was recorded")
TOO_DEAR = phrase("It would cost more than was set aside for it.")


@dataclass(frozen=True, slots=True)
class Walked:
    """How far it came. `outcome` has its `state`: `done` with `result`, `acts` (`key`, `input`: the effect it was about
    to have), `asks` (`key`, `title`, `detail`: the question), `failed` or `stopped` with `reason`; and as `assumed` the
    questions that an answer on record was taken for although they would be asked otherwise. Money in micro-units."""

    outcome: dict[str, Json]
    steps: list[StepRecord]
    cost_micros: int
    policy_number: int | None


def version_now(run: Run) -> FlowVersion:
    """What a run of the same flow would be pinned to now. Raises Invalid where there is no flow of ours to walk."""
    version = walkable(run)
    held = Assignment.objects.select_related("flow_version__flow")
    assigned = held.filter(agent=run.agent_id, flow_version__flow=version.flow_id).first()
    newest = FlowVersion.objects.select_related("flow").filter(flow=version.flow_id).order_by("-number")
    return assigned.flow_version if assigned else newest[0]


def walked(run: Run, version: FlowVersion, most_micros: int) -> Walked:
    """Walk `run` by `version` with what holds today, its models for at most `most_micros`."""
    run = copy.copy(run)
    run.instruction = Instruction.objects.filter(agent=run.agent_id).order_by("-number").first()
    services = services_for(run, Undone())
    graph = flow(version.flow.slug).build(FlowContext(run, run.agent, version.settings, services))
    journal = _Trial({step.key: to_record(step) for step in run.steps.order_by("seq")}, most_micros)
    outcome = walk(journal.harmless(graph), journal, services, State(run.input))
    now = services.policy.version
    said = journal.told(outcome) | ({"assumed": journal.assumed} if journal.assumed else {})
    return Walked(said, list(journal.steps.values()), journal.spent_micros, now.number if now else None)


@dataclass
class _Trial:
    """A journal in memory over what was recorded; no effect gets past its `intend`."""

    known: Mapping[str, StepRecord]
    most_micros: int
    steps: dict[str, StepRecord] = field(default_factory=dict)
    assumed: list[str] = field(default_factory=list)
    spent_micros: int = 0
    open: dict[str, int] = field(default_factory=dict)
    """Of calls that are out: the most each may cost."""
    about_to: StepRecord | None = None
    until: float = field(default_factory=lambda: time.monotonic() + MOST_S)

    def harmless(self, graph: Graph) -> Graph:
        """The graph, its calls answered from the record where `on_record` says so."""
        goal = graph.goal and Goal(graph.goal.text, graph.goal.constraints)
        return replace(graph, nodes=tuple(self._harmless(node) for node in graph.nodes), goal=goal)

    def _harmless(self, node: Node) -> Node:
        inner = self.harmless(node.flow) if node.flow else None
        asks = node.call is None or node.kind is Kind.PERSON
        return replace(node, call=node.call if asks else partial(self._call, node), undo=None, flow=inner)

    def _call(self, node: Node, context: Context) -> Any:
        made: Call | None = node.call
        assert made is not None, "a node without a call keeps none"
        found = self.on_record(context.key, digest(dict(context.input)))
        if found and _stands(node.kind, node.effect):
            return Result(found.output, AS_THEN)
        return made(replace(context, call=_SubCalls(self, context)))

    def on_record(self, key: str, sha256: str) -> StepRecord | None:
        """The step of that key as it was confirmed, if it was given just this."""
        found = self.known.get(key)
        return found if found and found.state is StepState.CONFIRMED and found.input_sha256 == sha256 else None

    def recorded(self, key: str) -> StepRecord | None:
        """What this walk made, and answers of people on record."""
        about, mark, _sha = key.partition("/mismatch/")
        if mark:
            self.assumed.append(about)
            return go_on(key, about)
        found = self.known.get(key)
        if found and found.kind is Kind.PERSON and found.state is StepState.CONFIRMED:
            self.steps.setdefault(key, found)
        return self.steps.get(key)

    def intend(self, record: StepRecord) -> None:
        """Keep the money back. An effect that is not on record ends the walk before its call."""
        if record.effect.changes_the_world:
            if not self.on_record(record.key, record.input_sha256):
                self.about_to = self.about_to or record
                self.steps.setdefault(record.key, record)
                raise Interrupted(Stopped("effect"))
            return
        if self.spent_micros + sum(self.open.values()) + record.cost_micros > self.most_micros:
            raise BudgetRefused(TOO_DEAR)
        self.open[record.key] = record.cost_micros

    def settle(self, record: StepRecord) -> None:
        self.open.pop(record.key, None)
        self.commit(record)

    def commit(self, record: StepRecord) -> None:
        """A step that stands as it was recorded brings the calls inside it along."""
        self.spent_micros += record.cost_micros
        self.steps[record.key] = record
        if _stands(record.kind, record.effect) and self.on_record(record.key, record.input_sha256):
            self.steps |= {key: one for key, one in self.known.items() if key.startswith(f"{record.key}/")}

    def signal(self, announce: bool = False) -> Signal | None:
        return Signal.YIELD if time.monotonic() > self.until else None

    def told(self, outcome: Outcome) -> dict[str, Json]:
        """The outcome as it is kept."""
        if self.about_to is not None:
            return {"state": "acts", "key": self.about_to.key, "input": self.about_to.input}
        if isinstance(outcome, Done):
            return {"state": "done", "result": outcome.result}
        if isinstance(outcome, Waiting):
            asked = outcome.question
            if asked.reason == "budget":
                return {"state": "stopped", "reason": asked.detail}
            return {"state": "asks", "key": asked.key, "title": asked.title, "detail": asked.detail}
        if isinstance(outcome, Failed):
            return {"state": "failed", "reason": outcome.error, "key": outcome.key}
        return {"state": "stopped", "reason": outcome.reason}


def _stands(kind: Kind, effect: Effect) -> bool:
    """Whether what is on record of such a step holds: what a tool found or did, not what was thought or judged."""
    return effect.changes_the_world or (effect is Effect.READ and kind is Kind.TOOL)


class _SubCalls:
    """The calls inside one node: counted as the engine counts them, so that each finds what is on record of it."""

    def __init__(self, trial: _Trial, context: Context) -> None:
        self._trial, self._key, self._call = trial, context.key, context.call
        self._made, self.spent_micros = 0, 0

    def __call__(
        self, what: str, call: Callable[[], Result], *, input: Json, effect: Effect = Effect.READ, **more: Any
    ) -> Json:
        found = self._trial.on_record(f"{self._key}/{self._made}", digest(input))
        self._made += 1
        if found and effect is not Effect.MODEL:
            call = partial(Result, found.output, AS_THEN)
        try:
            return self._call(what, call, input=input, effect=effect, **more)
        finally:
            self.spent_micros = self._call.spent_micros
