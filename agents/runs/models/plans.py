"""What a run was going to do and to cost, written before its first step."""

from django.db import models
from django.utils import timezone

from agents.base.models import Row
from agents.runs.models.runs import Run


class RunPlan(Row):
    """The way a run is expected to take, stage by stage, with what it usually costs; never edited.

    `most_micros` is what the stages may cost together; `projected_micros` the mean of the `basis` runs before it, None
    when there were none; `target_ms` the sum of the stages' latency targets, people aside.
    """

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="plan")
    stages = models.JSONField()
    most_micros = models.BigIntegerField()
    projected_micros = models.BigIntegerField(null=True)
    basis = models.PositiveSmallIntegerField(default=0)
    target_ms = models.PositiveIntegerField()
    made_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"plan of {self.run_id}"
