"""The signs of runs: as they were stored when the run last changed, else found now."""

import uuid
from collections.abc import Collection

from django.db.models import F

from agents.runs.models import Assessment
from agents.runs.signals import RUN, found
from agents.runs.suspicion.trace import traces


def signs_of(runs: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, float]]:
    """Value of every sign that is there, by run; three queries at most."""
    if not runs:
        return {}
    fresh = Assessment.objects.filter(run__in=runs, at__gte=F("run__state_since"))
    stored = dict(fresh.values_list("run_id", "signals"))
    return stored | fresh_signs_of(set(runs) - stored.keys())


def fresh_signs_of(runs: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, float]]:
    """Found now; two queries, none without runs."""
    return {run: found(trace, RUN) for run, trace in traces(runs).items()} if runs else {}
