"""Raising an item as high as it goes, and taking that back while nobody has acted on it."""

from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from agents.base.errors import Conflict, NotAllowed
from agents.people.models import User
from agents.runs.actions.review import reopen
from agents.runs.enums import DecisionKind, DecisionState, ExceptionState, Severity
from agents.runs.models import Decision, ReviewItem
from agents.runs.ranking import rank

MOVED = ["state", "claimed_by", "claimed_until", "snoozed_until", "escalate_at", "rank", "rank_reason"]
TURNED = ["assignee", "covers_for", "hops"]


def escalate(item: ReviewItem) -> dict[str, Any]:
    """Back to everybody, as urgent as it gets; the next person of the ladder has it with the next sweep.

    Gives what the item was before, for `lower`. The caller has locked it.
    """
    before = {
        "severity": item.exception.severity if item.exception else "",
        "escalate_at": item.escalate_at.isoformat() if item.escalate_at else "",
        "assignee": str(item.assignee_id or ""),
        "covers_for": str(item.covers_for_id or ""),
        "hops": item.hops,
    }
    reopen(item)
    item.escalate_at = item.escalate_at and timezone.now()
    _rank(item, Severity.HIGH, escalated=True)
    item.save(update_fields=MOVED)
    return before


def lower(decision: Decision, item: ReviewItem, actor: User) -> None:
    """The item is as it was before the escalation, whoever it was handed to. The caller has locked it.

    Raises NotAllowed unless the person escalated it, or a rule did that still may be undone; Conflict (`acted`) once
    somebody has acted on it.
    """
    if decision.actor_id != actor.pk and decision.state != DecisionState.PENDING:
        raise NotAllowed(_("Only %(person)s takes this back; you may decide it.") % {"person": decision.actor}, "held")
    before: dict[str, Any] | None = decision.payload
    if not before or acted_on(decision, item):
        raise Conflict(_("Too late: somebody has acted on it."), "acted")
    item.escalate_at = parse_datetime(before["escalate_at"])
    item.assignee_id, item.covers_for_id = before["assignee"] or None, before["covers_for"] or None
    item.hops = before["hops"]
    others = item.decisions.filter(kind=DecisionKind.ESCALATE).exclude(state=DecisionState.UNDONE)
    reopen(item)
    _rank(item, Severity(before["severity"]), escalated=others.exclude(pk=decision.pk).exists())
    item.save(update_fields=[*MOVED, *TURNED])


def acted_on(decision: Decision, item: ReviewItem) -> bool:
    """Whether it was closed, taken by somebody else, put off, or decided about since."""
    if item.exception is None or item.exception.state != ExceptionState.OPEN or item.snoozed_until:
        return True
    since = item.decisions.filter(at__gt=decision.at).exclude(state=DecisionState.UNDONE)
    return item.claimed_by_id not in (None, decision.actor_id) or since.exists()


def _rank(item: ReviewItem, severity: Severity, *, escalated: bool) -> None:
    if item.exception is not None:
        item.exception.severity = severity
        item.exception.save(update_fields=["severity"])
        item.rank, item.rank_reason = rank(item.exception, escalated=escalated)
