"""What nobody settles grows more urgent instead of expiring; only approvals expire (design.md §2)."""

import uuid
from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now

from agents.base.actors import SYSTEM
from agents.base.apart import apart
from agents.fleet.queries.policies import ruled
from agents.runs import verbs
from agents.runs.actions.exceptions import note_exception
from agents.runs.enums import ExceptionState, ItemState, Severity
from agents.runs.models import ReviewItem
from agents.runs.ranking import rank, was_escalated

LADDER = {Severity.LOW: (8, Severity.MEDIUM), Severity.MEDIUM: (24, Severity.HIGH)}
"""From each severity: for how many hours an exception may have been open where the team's policy says nothing else
(`low_urgent_after_hours`, `medium_urgent_after_hours`), and what it becomes then."""
BATCH = 200


def climb() -> None:
    """Every open item that is old for its severity, put off ones aside."""
    for severity, (hours, higher) in LADDER.items():
        own = ruled(f"{severity}_urgent_after_hours")
        _climb(~Q(agent__team__in=own), severity, hours, higher)
        for team, wanted in own.items():
            _climb(Q(agent__team=team), severity, wanted, higher)


def _climb(whose: Q, severity: Severity, hours: int, higher: Severity) -> None:
    old = ReviewItem.objects.filter(
        whose,
        state=ItemState.OPEN,
        exception__state=ExceptionState.OPEN,
        exception__severity=severity,
        exception__expires_at=None,
        exception__opened_at__lt=Now() - timedelta(hours=hours),
    )
    for pk in list(old.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with apart("raise an item", pk):
            _raise(pk, severity, higher, hours)


def _raise(pk: uuid.UUID, before: Severity, severity: Severity, hours: int) -> None:
    """The condition is asked again under the lock: somebody may have escalated it, or swept first."""
    item = ReviewItem.objects.select_for_update(no_key=True, skip_locked=True).filter(pk=pk).first()
    if item is None or item.exception is None or (item.state, item.exception.severity) != (ItemState.OPEN, before):
        return
    exception = item.exception
    exception.severity = severity
    exception.save(update_fields=["severity"])
    item.rank, item.rank_reason = rank(exception, escalated=was_escalated(item))
    item.save(update_fields=["rank", "rank_reason"])
    note_exception(verbs.EXCEPTION_CLIMBED, exception, SYSTEM, severity=severity.value, after_hours=hours)
