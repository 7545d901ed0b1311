"""The signs of runs: as they were stored when the run last changed, else found now."""

import json
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import F

from agents.engine import Json
from agents.runs.guards.customers import heard
from agents.runs.models import Assessment
from agents.runs.sampling import impact
from agents.runs.signals import RUN, found
from agents.runs.suspicion.likeness import Case, differing
from agents.runs.suspicion.trace import Trace, traces


@dataclass(frozen=True)
class Look:
    """What was found in a run: the value of every sign that is there, and what it was about, if that is known.

    `impact` is the largest amount it put out or changed; None where nothing left it. `customer` is what the customer
    said, turn by turn.
    """

    signs: dict[str, float]
    case: Case | None
    impact: float | None
    customer: Sequence[str] = ()


def signs_of(runs: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, float]]:
    """Value of every sign that is there, by run; four queries at most."""
    if not runs:
        return {}
    fresh = Assessment.objects.filter(run__in=runs, at__gte=F("run__state_since"))
    stored = dict(fresh.values_list("run_id", "signals"))
    return stored | {run: look.signs for run, look in look_at(set(runs) - stored.keys()).items()}


def look_at(runs: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Look]:
    """Found now; three queries, none without runs."""
    if not runs:
        return {}
    seen = traces(runs)
    cases = {run: case for run, trace in seen.items() if (case := Case.of(trace))}
    shares = differing({run: (seen[run].agent_id, case) for run, case in cases.items()})
    return {
        run: Look(
            found(replace(trace, differing=shares.get(run, 0.0)), RUN), cases.get(run), impact(trace), _heard(trace)
        )
        for run, trace in seen.items()
    }


def _heard(trace: Trace) -> list[str]:
    """What the customer said, turn by turn; what the run was given where nobody spoke later."""
    turns = [heard(act.node, _json(act.given), _json(act.said)) for act in trace.acts if act.by_customer]
    return [each for each in turns if each] or ([trace.asked] if trace.asked else [])


def _json(text: str) -> Json:
    """A step's input or output as it was told: a trace keeps it as text."""
    try:
        return json.loads(text) if text.startswith("{") else text
    except (ValueError, RecursionError):  # a customer's own words may look like JSON
        return text
