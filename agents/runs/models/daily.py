"""The review of one agent on one business day."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from agents.base.ids import short
from agents.base.models import Row
from agents.fleet.models import Agent
from agents.runs.enums import OPEN_REVIEWS, ReviewState


class DailyReview(Row):
    """What an agent did since `since`, the end of its last reviewed window, for one of its owners to judge.

    `day` is the business day of the agent's night. `until` is what the reviewer saw last, set with the decision: the
    next window begins there, so that nothing between looking and deciding is lost. `shown_at` is when digest and
    samples were first shown; `samples` are the ids of the outputs shown. `in_batch` says that it was approved
    together with others, `runs` how many its decision was about.
    """

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="reviews")
    day = models.DateField()
    state = models.CharField(max_length=12, choices=ReviewState.choices, default=ReviewState.PENDING)
    state_since = models.DateTimeField(default=timezone.now)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    shown_at = models.DateTimeField(null=True)
    samples = models.JSONField(default=list)
    in_batch = models.BooleanField(default=False)
    runs = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agent", "day"], name="one_review_per_agent_and_day"),
            models.UniqueConstraint(
                fields=["agent"], condition=Q(state__in=OPEN_REVIEWS), name="one_open_review_per_agent"
            ),
            models.CheckConstraint(condition=Q(state__in=ReviewState.values), name="review_state_known"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="review_window_runs_forward"
            ),
        ]
        indexes = [
            models.Index(fields=["agent", "-until"], condition=Q(until__isnull=False), name="review_last_decided")
        ]

    def __str__(self) -> str:
        return f"{self.agent}, {self.day}"

    @property
    def audit_label(self) -> str:
        return f"review {short(self.pk)}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_REVIEWS
