"""Runs beside what they would come to today."""

from agents.runs.models import Step, WhatIf
from agents.runs.queries.compare import Pair, compared


def sides(found: WhatIf) -> list[Pair]:
    """The run's own steps beside those of the walk, by key."""
    now = [Step(run_id=found.run_id, seq=number, **step) for number, step in enumerate(found.steps, 1)]
    return compared(list(Step.objects.filter(run=found.run_id).order_by("seq")), now)
