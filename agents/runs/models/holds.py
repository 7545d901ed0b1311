"""Work that waits so that other work goes first."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from agents.base.models import Row
from agents.people.models import Team
from agents.runs.enums import Lane


class Hold(Row):
    """Runs of `lane` that have not begun wait, of one team or (empty) of all: since when, why, until when they did.

    `renewed_at` is when it was last found needed; one that nobody renews holds nothing.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="holds")
    lane = models.CharField(max_length=12, choices=Lane.choices)
    reason = models.CharField(max_length=300)
    since = models.DateTimeField(default=timezone.now)
    renewed_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "lane"], condition=Q(ended_at=None), nulls_distinct=False, name="one_hold_at_a_time"
            )
        ]
        indexes = [models.Index(fields=["-since"], name="hold_newest")]

    def __str__(self) -> str:
        return self.get_lane_display()
