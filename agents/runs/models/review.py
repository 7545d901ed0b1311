"""RunException → ReviewItem: one model for every "I need a human"."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from agents.base.ids import short
from agents.base.models import Row
from agents.fleet.models import Agent
from agents.people.models import User
from agents.runs.enums import ExceptionKind, ExceptionState, ItemState, RootCause, Severity
from agents.runs.models.incidents import Incident
from agents.runs.models.runs import Run


class RunException(Row):
    """Something only a person can settle: reason, severity, the schema of the answer, what is proposed, and a clock.

    `step_key` is the step of the run that the answer settles. `cause` is a word of whoever raised it, `root_cause` what
    the person who closed it found. What shares its `fingerprint` is the same thing again (runs/fingerprints.py).
    """

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="exceptions")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, null=True, related_name="exceptions")
    step_key = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=20, choices=ExceptionKind.choices)
    severity = models.CharField(max_length=10, choices=Severity.choices, default=Severity.MEDIUM)
    title = models.CharField(max_length=300)
    detail = models.TextField(blank=True)
    evidence = models.JSONField(default=dict)
    schema = models.JSONField(default=dict)
    proposal = models.JSONField(null=True)
    proposal_sha256 = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=ExceptionState.choices, default=ExceptionState.OPEN)
    answer = models.JSONField(null=True)
    cause = models.CharField(max_length=80, blank=True)
    fingerprint = models.CharField(max_length=64)
    root_cause = models.CharField(max_length=20, choices=RootCause.choices, blank=True)
    root_cause_note = models.CharField(max_length=300, blank=True)
    opened_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    incident = models.ForeignKey(Incident, on_delete=models.SET_NULL, null=True, related_name="exceptions")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "step_key", "kind"],
                condition=Q(state=ExceptionState.OPEN),
                name="one_open_exception_per_step",
            ),
            # Expiry denies approvals; handoffs, silence and breakers climb instead (design.md §2).
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(kind=ExceptionKind.APPROVAL), name="only_approvals_expire"
            ),
            models.CheckConstraint(
                condition=~Q(root_cause=RootCause.OTHER) | ~Q(root_cause_note=""), name="another_cause_is_told"
            ),
        ]
        indexes = [
            models.Index(fields=["agent", "-opened_at"], condition=Q(state=ExceptionState.OPEN), name="exception_open"),
            models.Index(fields=["agent", "fingerprint", "id"], name="exception_again"),
            models.Index(
                fields=["agent", "fingerprint", "id"], condition=Q(state=ExceptionState.OPEN), name="exception_alike"
            ),
            models.Index(fields=["agent", "opened_at"], name="exception_by_time"),
            models.Index(fields=["id"], condition=~Q(state=ExceptionState.OPEN), name="exception_closed"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def audit_label(self) -> str:
        return f"{self.kind} {short(self.pk)}"


class ReviewItem(Row):
    """One place in the queue, ranked by need. Claim, hold and snooze exist nowhere else.

    `assignee` is whose turn it is; until somebody else's it is the agent's primary owner's. At `escalate_at` it is
    handed on, along the escalation policy, of which it has taken `hops` steps (null: there is no step left).
    `covers_for` is whose turn it was before they went away: the assignee has it in the meantime.
    `facet` is kind, severity and, where a step waits for it, "waits" of its exception, kept by a trigger: so that a
    filter reads one index and not a million exceptions.
    """

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="review_items")
    exception = models.OneToOneField(RunException, on_delete=models.CASCADE, null=True, related_name="item")
    state = models.CharField(max_length=10, choices=ItemState.choices, default=ItemState.OPEN)
    rank = models.FloatField(default=0)
    rank_reason = models.CharField(max_length=300, blank=True)
    facet = models.CharField(max_length=40, blank=True, editable=False, default="", db_default="")
    assignee = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    covers_for = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, db_index=False, related_name="+")
    escalate_at = models.DateTimeField(null=True)
    hops = models.PositiveSmallIntegerField(default=0)
    claimed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    claimed_until = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["-rank", "created_at"], condition=~Q(state=ItemState.DECIDED), name="item_by_rank"),
            models.Index(
                fields=["agent", "-rank", "id"],
                condition=~Q(state=ItemState.DECIDED) & Q(exception__isnull=False),
                name="item_of_agent",
            ),
            models.Index(
                fields=["agent", "facet", "-rank", "id"],
                condition=~Q(state=ItemState.DECIDED) & Q(exception__isnull=False),
                name="item_of_facet",
            ),
            models.Index(fields=["escalate_at"], condition=Q(state=ItemState.OPEN), name="item_to_hand_on"),
            models.Index(fields=["covers_for"], condition=Q(covers_for__isnull=False), name="item_covered"),
        ]

    def __str__(self) -> str:
        return str(self.exception or self.pk)

    @property
    def audit_label(self) -> str:
        return self.exception.audit_label if self.exception else f"item {short(self.pk)}"
