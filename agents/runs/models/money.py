"""Budgets that cannot be overspent: reserved before a call, settled after it (design.md §3)."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from agents.base.models import Row
from agents.runs.enums import BudgetScope
from agents.runs.models.runs import Run


class Budget(Row):
    """Micro-units of `currency` for one scope and day. `overrun` is what replies cost beyond their reservation.

    A run's budget has no day. A team's row without a day is its standing cap, which each day's row starts from.
    """

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

    def __str__(self) -> str:
        return self.get_scope_display()


class Reservation(Row):
    """One call's claim on one budget; given back when the call settles, swept when the worker that made it is gone."""

    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="reservations")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="reservations")
    fence = models.BigIntegerField()
    step_key = models.CharField(max_length=200)
    amount_micros = models.BigIntegerField()
    spent_micros = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "step_key", "budget"], condition=Q(settled_at=None), name="one_open_reservation_per_step"
            )
        ]


class Canary(Row):
    """The last proof that somebody consumes a queue: sent by the scheduler, stamped by a worker that received it."""

    queue = models.CharField(max_length=10, unique=True)
    sent_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True)
