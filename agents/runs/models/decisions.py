"""What people decided: about an item, or about an agent's day."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from agents.base.models import Row
from agents.people.models import User
from agents.runs.enums import STANDING, DecisionKind, DecisionState
from agents.runs.models.daily import DailyReview
from agents.runs.models.review import ReviewItem
from agents.runs.models.rules import StandingRule


class Decision(Row):
    """What a person decided about an item or an agent's day, once.

    About an item, the same actor, kind and idempotency key again is the same decision; `proposal_sha256` is the hash of
    what was on the person's page, `answer_sha256` of the answer it makes: what runs is exactly what was approved.
    Its effect leaves at `releases_at` (null: at once); until then it can be undone. An escalation keeps what its item
    was before as its payload. With a `rule`, nobody was asked: it is the rule's, on its author's authority.
    """

    item = models.ForeignKey(ReviewItem, on_delete=models.CASCADE, null=True, related_name="decisions")
    review = models.OneToOneField(DailyReview, on_delete=models.CASCADE, null=True, related_name="decision")
    actor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=DecisionKind.choices)
    state = models.CharField(max_length=10, choices=DecisionState.choices, default=DecisionState.RELEASED)
    note = models.TextField(blank=True)
    payload = models.JSONField(null=True)
    proposal_sha256 = models.CharField(max_length=64, blank=True)
    answer_sha256 = models.CharField(max_length=64, blank=True)
    idempotency_key = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)
    releases_at = models.DateTimeField(null=True)
    rule = models.ForeignKey(StandingRule, on_delete=models.PROTECT, null=True, related_name="firings")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "idempotency_key"], name="one_decision_per_idempotency_key"),
            models.UniqueConstraint(
                fields=["item"],
                condition=~Q(kind__in=["escalate", "skip"]) & Q(state__in=STANDING),
                name="one_final_decision_per_item",
            ),
            models.CheckConstraint(
                condition=Q(item__isnull=False, review__isnull=True) | Q(item__isnull=True, review__isnull=False),
                name="a_decision_is_about_an_item_or_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(state=DecisionState.PENDING) | Q(releases_at__isnull=False),
                name="a_pending_decision_has_its_hour",
            ),
        ]
        indexes = [
            models.Index(fields=["releases_at"], condition=Q(state=DecisionState.PENDING), name="decision_pending"),
            models.Index(fields=["item"], condition=Q(state=DecisionState.HELD), name="decision_held"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
