"""How likely something went wrong in a run that is over, why, and where it may have begun."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from agents.runs import signals
from agents.runs.models import Run, Step
from agents.runs.ranking import say_p, telling, weights_of
from agents.runs.suspicion.assessing import signs_of
from agents.runs.suspicion.suspects import suspects
from agents.runs.suspicion.trace import Act, Trace

SHOWN = 3
LIKELY = 0.25
"""From which probability on steps are named: below, most runs are right, and every step of them would be accused."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """`says` how likely, `why` the signs in words, `steps` where to look first."""

    says: str
    why: list[str]
    steps: list[Step]


def doubt(run: Run, steps: Sequence[Step]) -> Doubt:
    """Two queries where the run was assessed, five at most before; `run.agent` is read."""
    found = signs_of([run.pk]).get(run.pk, {})
    weights, units = weights_of([run.agent.team_id])[run.agent.team_id], signals.units(found)
    p = weights.p(units)
    why = [signals.words(name, found[name]) for name in telling(weights, units)]
    return Doubt(say_p(p), why, _suspected(run, steps) if p >= LIKELY else [])


def _suspected(run: Run, steps: Sequence[Step]) -> list[Step]:
    trace = Trace(asked=str(run.input.get("text", "")), acts=tuple(map(_act, steps)))
    return [steps[each.place] for each in suspects(trace)[:SHOWN]]


def _act(step: Step) -> Act:
    said = step.output if isinstance(step.output, str) else json.dumps(step.output) if step.output else ""
    return Act(step.node, step.kind, step.effect, step.state, error=step.error, said=said)
