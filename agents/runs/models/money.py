"""Budgets that cannot be overspent: reserved before a call, settled after it (design.md §3)."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from agents.base.models import Row
from agents.runs.enums import BudgetScope
from agents.runs.models.runs import Run


class Budget(Row):
    """Micro-units of `currency` for one scope and day. `overrun` is what replies cost beyond their reservation."""

    scope = models.CharField(max_length=12, choices=BudgetScope.choices)
    scope_id = models.UUIDField()
    day = models.DateField(null=True)
    cap_micros = models.BigIntegerField()
    reserved_micros = models.BigIntegerField(default=0)
    spent_micros = models.BigIntegerField(default=0)
    overrun_micros = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, default="USD")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "scope_id", "day"], nulls_distinct=False, name="one_budget_per_scope"
            ),
            models.CheckConstraint(
                condition=Q(spent_micros__lte=F("cap_micros") - F("reserved_micros")), name="budget_never_overspent"
            ),
            models.CheckConstraint(
                condition=Q(reserved_micros__gte=0, spent_micros__gte=0, overrun_micros__gte=0, cap_micros__gt=0),
                name="budget_amounts_not_negative",
            ),
        ]


class Reservation(Row):
    """One call's claim on one budget, given back when the call settles or its run ends."""

    call_id = models.UUIDField(default=uuid.uuid4)
    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="reservations")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="reservations")
    step_key = models.CharField(max_length=200)
    amount_micros = models.BigIntegerField()
    spent_micros = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["call_id", "budget"], name="one_reservation_per_call_and_budget")
        ]
        indexes = [models.Index(fields=["run"], condition=Q(settled_at=None), name="reservation_open")]


class Canary(Row):
    """The last proof that somebody consumes a queue: sent by the scheduler, stamped by a worker that received it."""

    queue = models.CharField(max_length=10, unique=True)
    sent_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True)
