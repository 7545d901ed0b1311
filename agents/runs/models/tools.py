"""What agents did with their tools, once a step."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from agents.base.models import Row
from agents.fleet.models import Agent
from agents.runs.models.runs import Run


class ToolUse(Row):
    """One call, done, tried or refused. Of a change, written in its transaction: the same step never changes twice.

    `said` is what the step was told, but for a preview; `refused` is one of `fleet.toolbox.Why`, else empty.
    """

    run = models.ForeignKey(Run, on_delete=models.CASCADE, db_index=False, related_name="tool_uses")
    step_key = models.CharField(max_length=200)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, db_index=False, related_name="tool_uses")
    tool = models.CharField(max_length=80)
    changed = models.BooleanField(default=False)
    dry_run = models.BooleanField(default=False)
    refused = models.CharField(max_length=20, blank=True)
    amount_micros = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="USD")
    said = models.JSONField(null=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "step_key"], name="one_tool_use_per_step"),
            models.CheckConstraint(
                condition=Q(changed=False) | Q(dry_run=False, refused=""), name="refused_or_tried_changed_nothing"
            ),
        ]
        indexes = [
            models.Index(fields=["agent", "tool", "-at"], name="tool_use_newest"),
            models.Index(fields=["agent", "tool", "at"], condition=Q(changed=True), name="tool_use_changes"),
        ]

    def __str__(self) -> str:
        return self.tool
