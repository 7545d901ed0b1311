"""State as shape + word + colour (design.md §6): one class and one word for everything a run, a step or a node can be."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agents.runs.enums import RunState, StepState
from agents.runs.models import Step


@dataclass(frozen=True, slots=True)
class Mark:
    """`css` picks shape and colour in theme.css; `word` says the same to everybody else."""

    css: str
    word: Promise | str


class Fate(StrEnum):
    """What became of a node of the graph in one run."""

    RAN = "ran"
    FAILED = "failed"
    WAITING = "waiting"
    RUNNING = "running"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"
    AHEAD = "ahead"


FATES = {
    Fate.RAN: Mark("ok", _("ran")),
    Fate.FAILED: Mark("bad", _("failed")),
    Fate.WAITING: Mark("wait", _("waits for a person")),
    Fate.RUNNING: Mark("busy", _("running")),
    Fate.UNKNOWN: Mark("sil", _("outcome unknown")),
    Fate.SKIPPED: Mark("idle", _("skipped")),
    Fate.AHEAD: Mark("idle", _("not yet")),
}

RUNS = {
    RunState.QUEUED: "idle",
    RunState.RUNNING: "busy",
    RunState.WAITING: "wait",
    RunState.DONE: "ok",
    RunState.FAILED: "bad",
    RunState.QUARANTINED: "bad",
    RunState.CANCELLED: "idle",
}


def run_mark(state: str) -> Mark:
    return Mark(RUNS[RunState(state)], RunState(state).label)


def step_fate(step: Step) -> Fate:
    """Confirmed though short of its exit criterion counts as failed: the flow took the failed way."""
    if step.state == StepState.CONFIRMED:
        return Fate.FAILED if step.error else Fate.RAN
    if step.state in (StepState.FAILED, StepState.UNKNOWN):
        return Fate(step.state)
    return Fate.WAITING if step.kind == "person" else Fate.RUNNING


def node_fate(steps: Sequence[Step], *, over: bool) -> Fate:
    """Of one node's steps in order, the last decides. `over`: nothing more will run."""
    if not steps:
        return Fate.SKIPPED if over else Fate.AHEAD
    return step_fate(steps[-1])
