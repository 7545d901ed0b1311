"""What a run would come to today."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from agents.base.models import Row
from agents.fleet.models import FlowVersion
from agents.people.models import User
from agents.runs.enums import WhatIfState
from agents.runs.models.runs import Run


class WhatIf(Row):
    """One walk of a run with today's prompts, models and policy, without effects; never edited once it is over.

    `most_micros` was booked before it began, `cost_micros` is what its calls cost, in micro-units of the run's
    currency. `steps` are the steps it made, `outcome` how it ended (`agents.runs.what_if`), `policy_number` the policy
    it was held against (None: none).
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="what_ifs")
    asked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, db_index=False, related_name="+")
    state = models.CharField(max_length=10, choices=WhatIfState.choices, default=WhatIfState.QUEUED)
    most_micros = models.BigIntegerField()
    cost_micros = models.BigIntegerField(default=0)
    flow_version = models.ForeignKey(
        FlowVersion, on_delete=models.RESTRICT, null=True, db_index=False, related_name="+"
    )
    policy_number = models.PositiveIntegerField(null=True)
    steps = models.JSONField(default=list)
    outcome = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state"], condition=Q(finished_at=None), name="what_if_open")]
        constraints = [
            models.UniqueConstraint(fields=["run"], condition=Q(finished_at=None), name="one_open_what_if_per_run")
        ]

    def __str__(self) -> str:
        return f"what-if of {self.run_id}"

    @property
    def booked_as(self) -> str:
        """The key that its money is booked under."""
        return f"what_if/{self.pk}"
