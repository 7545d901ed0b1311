"""The records that the shipped tools work on, and what a team promises of a flow."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.base.models import Row
from agents.fleet.models import Flow
from agents.flows.enums import AdjustmentKind, AdjustmentState
from agents.people.models import Team, User


class Record(Row):
    """One record of a business system, as that system writes it: `body` is its document, `key` its own id."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    system = models.CharField(max_length=40)
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    body = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "system", "kind", "key"], name="one_record_per_key")]
        indexes = [GinIndex(fields=["body"], name="record_body", opclasses=["jsonb_path_ops"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class FlowTerms(Row):
    """Who answers for a flow, what the team promises of it, and what is done when it goes wrong.

    Of its runs in a period, as many as the graph's SLO says take at most `seconds`, waiting for people aside; at least
    `resolved_percent` end done, and at most `diverted_percent` ask a person. What is None is not promised.
    A flow none of whose steps stays human says why in `unattended_because`.
    """

    flow = models.OneToOneField(Flow, on_delete=models.CASCADE, related_name="terms")
    owner = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    second_owner = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    seconds = models.PositiveIntegerField(_("cycle time in seconds"), null=True)
    resolved_percent = models.PositiveSmallIntegerField(_("share resolved"), null=True)
    diverted_percent = models.PositiveSmallIntegerField(_("share that asks a person"), null=True)
    unattended_because = models.CharField(_("why nobody needs to look"), max_length=300, blank=True)
    runbook = models.TextField(_("runbook"), blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(owner=F("second_owner")), name="a_flow_has_two_different_owners"),
            models.CheckConstraint(
                condition=Q(resolved_percent__lte=100, diverted_percent__lte=100), name="flow_terms_are_percent"
            ),
        ]


class CostReview(Row):
    """One month of a team: what each use case cost and how long it took, beside the month before.

    `figures` as `agents.flows.usage.Usage`; money in micro-units of the currency named there.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, db_index=False, related_name="+")
    month = models.DateField()
    figures = models.JSONField()
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "month"], name="one_cost_review_a_month")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class Adjustment(Row):
    """What a review proposes: a rule of the policy, a limit of tokens, a tool that is taken away; a person decides.

    `saves_micros` is what it would have saved in that month, by estimate; None where nobody can tell.
    """

    review = models.ForeignKey(CostReview, on_delete=models.CASCADE, related_name="adjustments")
    kind = models.CharField(max_length=20, choices=AdjustmentKind.choices)
    change = models.JSONField()
    why = models.TextField()
    saves_micros = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, default="USD")
    state = models.CharField(max_length=10, choices=AdjustmentState.choices, default=AdjustmentState.PROPOSED)
    decided_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, db_index=False, related_name="+")
    decided_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} of {self.review}"

    @property
    def change_in_words(self) -> str:
        """As the policy's form writes it: “writer: cheap”, “refund-agent/writer: 900”, “refund-agent: calculate”."""
        match self.kind:
            case AdjustmentKind.CHEAPER_MODEL:
                return f"{self.change['role']}: {self.change['tier']}"
            case AdjustmentKind.TOKEN_LIMIT:
                return f"{self.change['agent']}/{self.change['role']}: {self.change['most']}"
        return f"{self.change['agent']}: {self.change['tool']}"
