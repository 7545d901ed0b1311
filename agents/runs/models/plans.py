"""What a run was going to do and to cost, written before its first step."""

from django.db import models
from django.utils import timezone

from agents.base.models import Row
from agents.runs.enums import Route
from agents.runs.models.runs import Run


class RunPlan(Row):
    """The way a run is expected to take, stage by stage, with what it usually costs; never edited.

    `most_micros` is what the stages may cost together; `projected_micros` the mean of the `basis` runs before it, None
    when there were none; `target_ms` the sum of the stages' latency targets, people aside.
    `route` is what was decided on, `signals` what was known then (each sign with its limit), `weighed` what was
    tried in which order: each route with why it was passed over, last the one that was taken.
    """

    run = models.OneToOneField(Run, on_delete=models.CASCADE, related_name="plan")
    stages = models.JSONField()
    most_micros = models.BigIntegerField()
    projected_micros = models.BigIntegerField(null=True)
    basis = models.PositiveSmallIntegerField(default=0)
    target_ms = models.PositiveIntegerField()
    route = models.CharField(max_length=16, choices=Route.choices, default=Route.AS_USUAL, db_default=Route.AS_USUAL)
    signals = models.JSONField(default=dict, db_default={})
    weighed = models.JSONField(default=list, db_default=[])
    made_at = models.DateTimeField(default=timezone.now)

    @property
    def within_ms(self) -> int | None:
        """How long the run's channel waits for an answer; None where the policy says nothing."""
        limits = {sign["sign"]: sign["limit"] for sign in self.signals.get("signs", ())}
        return limits.get("time")

    def __str__(self) -> str:
        return f"plan of {self.run_id}"
