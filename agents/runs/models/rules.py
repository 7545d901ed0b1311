"""A decision that decides the next ones of its kind: within limits, for a while, by two people's will."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from agents.base.ids import short
from agents.base.models import Row
from agents.fleet.models import Agent
from agents.people.models import User
from agents.runs.enums import DecisionKind, ExceptionKind, RootCause, RuleState


class StandingRule(Row):
    """Decides what an agent asks in place of its author, and never more than its author may decide.

    `conditions` are {"field", "is", "value"}, all of which must hold of what is asked (agents/runs/conditions.py).
    `most_a_day` counts 24 hours back; `most_micros` is the amount, in the agent's currency, above which a person is
    asked. `replay` says what it would have decided in the 30 days before it was written: total, same, differs (ids).
    """

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="standing_rules")
    kind = models.CharField(max_length=20, choices=ExceptionKind.choices)
    conditions = models.JSONField()
    decision = models.CharField(max_length=12, choices=DecisionKind.choices)
    note = models.TextField(blank=True)
    payload = models.JSONField(null=True)
    root_cause = models.CharField(max_length=20, choices=RootCause.choices, blank=True)
    most_a_day = models.PositiveSmallIntegerField()
    most_micros = models.BigIntegerField(null=True)
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=RuleState.choices, default=RuleState.PROPOSED)
    state_since = models.DateTimeField(default=timezone.now)
    why = models.CharField(max_length=300, blank=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    approver = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    replay = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state=RuleState.ACTIVE) | Q(approver__isnull=False) & ~Q(approver=F("author")),
                name="a_rule_is_two_people_s",
            ),
            models.CheckConstraint(condition=Q(most_a_day__gt=0), name="a_rule_has_a_limit"),
        ]
        indexes = [models.Index(fields=["agent", "kind"], condition=Q(state=RuleState.ACTIVE), name="rule_active")]

    def __str__(self) -> str:
        return f"{self.get_decision_display()}: {self.get_kind_display()}, {self.agent}"

    @property
    def audit_label(self) -> str:
        return f"rule {short(self.pk)}"

    @property
    def is_active(self) -> bool:
        return self.state == RuleState.ACTIVE and self.expires_at > timezone.now()
