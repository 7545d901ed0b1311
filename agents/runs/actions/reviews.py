"""An agent's day: decided once by a person, or closed with its last open item."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agents.base.errors import Conflict, Invalid
from agents.base.hooks import notify
from agents.base.ids import uuid7
from agents.engine.state import storable
from agents.fleet.enums import Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import require
from agents.people.models import User
from agents.runs import verbs, wording
from agents.runs.actions.exceptions import raise_exception
from agents.runs.actions.guards import AlreadyDecided
from agents.runs.enums import DecisionKind, ExceptionKind, ExceptionState, ReviewState, Severity
from agents.runs.models import DailyReview, Decision, RunException
from agents.runs.queries import Digest, digests
from audit.actions import record

K = DecisionKind
STATES = {
    K.APPROVE: ReviewState.APPROVED,
    K.NEEDS_CHANGE: ReviewState.NEEDS_CHANGE,
    K.ESCALATE: ReviewState.ESCALATED,
    K.SKIP: ReviewState.SKIPPED,
}
"""What may be decided about a day, and what it becomes."""
BATCH = "batch"
"""How a decision came about that was made about many days at once."""


@transaction.atomic
def show_review(review: DailyReview, *, actor: User, until: dt.datetime | None = None) -> DailyReview:
    """The person looks at digest and samples as of `until` (now, without it); a pending review is then in review.

    A decided review stays as it is. Raises NotAllowed.
    """
    review = _locked(review, actor)
    if review.is_open:
        _see(review, until, digests([review], _until(review, until))[review.pk])
        review.save(update_fields=["state", "state_since", "shown_at", "samples"])
        notify("queue")
    return review


@transaction.atomic
def decide_review(
    review: DailyReview,
    *,
    actor: User,
    kind: DecisionKind | str,
    note: str = "",
    until: dt.datetime | None = None,
    idempotency_key: str = "",
) -> Decision:
    """Decides an agent's day, once; `until` is when what the person saw was drawn (now, without it).

    approve · needs_change (with a note) · escalate (opens an urgent exception) · skip (with a reason). The same actor,
    kind and key again: the first decision. Raises NotAllowed, AlreadyDecided, Conflict (`open_items`: nothing is
    approved while something of the agent is open) or Invalid.
    """
    review = _locked(review, actor)
    kind = _kind(kind)
    if not review.is_open:
        return _first(review, actor, kind, idempotency_key)
    _guard(review, kind, note)
    digest = digests([review], _until(review, until))[review.pk]
    return settle_review(review, actor, kind, digest, note=note, until=until, idempotency_key=idempotency_key)


def settle_review(
    review: DailyReview,
    actor: User,
    kind: DecisionKind,
    digest: Digest,
    *,
    note: str = "",
    until: dt.datetime | None = None,
    idempotency_key: str = "",
    by: str = "page",
) -> Decision:
    """Writes the decision about a locked, open review; `by` says how it came about (page, batch, last item)."""
    _see(review, until, digest)
    review.state, review.until = STATES[kind], digest.window.until
    review.in_batch, review.runs = by == BATCH, digest.total
    review.save(update_fields=["state", "state_since", "shown_at", "samples", "until", "in_batch", "runs"])
    decision = Decision.objects.create(
        review=review, actor=actor, kind=kind, note=storable(note), idempotency_key=idempotency_key or str(uuid7())
    )
    _record(decision, review, by)
    if kind is K.ESCALATE:
        _escalate(decision, review)
    notify("queue")
    return decision


def close_with_last_item(agent: Agent, actor: User) -> Decision | None:
    """Approves the agent's open review once nothing of the agent is open any more, if digest and samples were shown."""
    reviews = DailyReview.objects.filter(agent=agent, state=ReviewState.IN_REVIEW, shown_at__isnull=False)
    review = reviews.select_related("agent").select_for_update(no_key=True, of=("self",)).first()
    if review is None or still_open([agent]):
        return None
    until = review.shown_at
    digest = digests([review], _until(review, until))[review.pk]
    return settle_review(review, actor, K.APPROVE, digest, until=until, by="last item")


def still_open(agents: Iterable[Agent]) -> set[object]:
    """The ids of those agents that have an open exception."""
    rows = RunException.objects.filter(agent__in=agents, state=ExceptionState.OPEN)
    return set(rows.values_list("agent_id", flat=True))


def _locked(review: DailyReview, actor: User) -> DailyReview:
    require(actor, review.agent, Verb.REVIEW)
    rows = DailyReview.objects.select_related("agent").select_for_update(no_key=True, of=("self",))
    return rows.get(pk=review.pk)


def _kind(kind: DecisionKind | str) -> DecisionKind:
    if kind not in STATES:
        raise Invalid(_("A day cannot be decided as “%(kind)s”.") % {"kind": kind}, "kind")
    return DecisionKind(kind)


def _guard(review: DailyReview, kind: DecisionKind, note: str) -> None:
    if kind in (K.SKIP, K.NEEDS_CHANGE) and not note.strip():
        why = _("Say why you skip it.") if kind is K.SKIP else _("Say what should change.")
        raise Invalid(why, fields={"note": [why]})
    if kind is K.APPROVE and still_open([review.agent]):
        raise Conflict(_("Something of %(agent)s is still open.") % {"agent": review.agent}, "open_items")


def _until(review: DailyReview, until: dt.datetime | None) -> dt.datetime:
    """Never before the window begins, never later than now."""
    now = timezone.now()
    return max(review.since, min(until or now, now))


def _see(review: DailyReview, until: dt.datetime | None, digest: Digest) -> None:
    """Changes the review in memory: its digest was shown."""
    if review.state == ReviewState.PENDING:
        review.state, review.state_since = ReviewState.IN_REVIEW, timezone.now()
    review.shown_at = _until(review, until)
    review.samples = [str(sample.output) for sample in digest.samples]


def _first(review: DailyReview, actor: User, kind: DecisionKind, key: str) -> Decision:
    """The decision of before, when this is the same request; otherwise says who was faster."""
    decision = Decision.objects.select_related("actor").filter(review=review).first()
    if decision is None:
        raise AlreadyDecided(_("This day was closed without a review."), "already_decided")
    if key and (decision.actor_id, decision.kind, decision.idempotency_key) == (actor.pk, kind, key):
        return decision
    when = date_format(timezone.localtime(decision.at), "DATETIME_FORMAT")
    said = {"person": decision.actor, "kind": DecisionKind(decision.kind).label, "when": when}
    raise AlreadyDecided(_("%(person)s already decided this (%(kind)s, %(when)s).") % said, "already_decided")


def _escalate(decision: Decision, review: DailyReview) -> None:
    """Somebody must answer: an urgent exception with its place in the queue."""
    raise_exception(
        review.agent,
        kind=ExceptionKind.HANDOFF,
        severity=Severity.HIGH,
        title=wording.DAY_ESCALATED % {"person": decision.actor, "agent": review.agent},
        detail=decision.note,
        evidence={"review": str(review.pk)},
        cause="review",
        actor=decision.actor.actor,
    )


def _record(decision: Decision, review: DailyReview, by: str) -> None:
    record(
        verbs.REVIEW_DECIDED,
        actor=decision.actor.actor,
        team_id=review.agent.team_id,
        obj=review,
        agent_id=review.agent_id,
        kind=decision.kind,
        note=decision.note,
        day=review.day,
        since=review.since,
        until=review.until,
        samples=review.samples,
        by=by,
    )
