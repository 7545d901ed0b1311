"""Who waited for an answer, and how that went."""

from django.db import models
from django.utils import timezone

from agents.base.models import Row
from agents.runs.enums import LaneOutcome
from agents.runs.models.runs import Run


class LaneCall(Row):
    """One caller of the synchronous lane, who waited `took_ms` of the `within_ms` that were asked for."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="lane_calls")
    outcome = models.CharField(max_length=8, choices=LaneOutcome.choices)
    within_ms = models.PositiveIntegerField()
    took_ms = models.PositiveIntegerField()
    at = models.DateTimeField(default=timezone.now)
