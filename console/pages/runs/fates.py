"""What became of a step or a node in one run: `st-<value>` is its shape and colour, the label its word."""

from collections.abc import Sequence

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from agents.runs.enums import StepState
from agents.runs.models import Step


class Fate(TextChoices):
    CONFIRMED = "confirmed", _("ran")
    FAILED = "failed", _("failed")
    WAITING = "waiting", _("waits for a person")
    RUNNING = "running", _("running")
    UNKNOWN = "unknown", _("outcome unknown")
    SKIPPED = "skipped", _("skipped")
    AHEAD = "ahead", _("not yet")


KINDS = {
    "role": _("role"),
    "tool": _("tool"),
    "router": _("router"),
    "parallel": _("parallel set"),
    "join": _("join"),
    "judge": _("judge"),
    "person": _("person"),
    "flow": _("sub-flow"),
    "agent": _("agent"),
    "system": _("system"),
}
"""What a node or an actor is, in the reader's language."""


def step_fate(step: Step) -> Fate:
    """Confirmed though short of its exit criterion counts as failed: the flow took the way of a failure. What a freeze
    holds back has not failed while its run waits."""
    if step.is_held_back and not step.run.is_over:
        return Fate.AHEAD
    if step.state == StepState.CONFIRMED:
        return Fate.FAILED if step.error else Fate.CONFIRMED
    if step.state in (StepState.FAILED, StepState.UNKNOWN):
        return Fate(step.state)
    return Fate.WAITING if step.kind == "person" else Fate.RUNNING


def node_fate(steps: Sequence[Step], *, over: bool) -> Fate:
    """Of one node's steps in order, the last decides. `over`: nothing more will run."""
    if not steps:
        return Fate.SKIPPED if over else Fate.AHEAD
    return step_fate(steps[-1])
