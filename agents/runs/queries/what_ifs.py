"""Runs beside what they would come to today."""

from django.db.models import QuerySet

from agents.runs.models import Run, Step, WhatIf
from agents.runs.queries.compare import Pair, compared

SHOWN = 10


def newest(run: Run) -> QuerySet[WhatIf]:
    """The ten that were asked last, newest first: each holds all its steps."""
    return run.what_ifs.select_related("asked_by", "flow_version__flow").order_by("-created_at", "-pk")[:SHOWN]


def sides(found: WhatIf) -> list[Pair]:
    """The run's own steps beside those of the walk, by key."""
    now = [Step(run_id=found.run_id, seq=number, **step) for number, step in enumerate(found.steps, 1)]
    return compared(list(Step.objects.filter(run=found.run_id).order_by("seq")), now)
