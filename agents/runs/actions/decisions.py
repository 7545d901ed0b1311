"""The one door through which a person decides (design.md §1): permission → lock → guard → write → audit → wake."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.context import about
from agents.base.errors import Invalid
from agents.base.faults import faultpoint
from agents.base.hooks import notify
from agents.engine import Json
from agents.engine.state import storable
from agents.people.models import User
from agents.runs import verbs
from agents.runs.actions.causes import tell_cause
from agents.runs.actions.escalating import escalate
from agents.runs.actions.guards import AlreadyDecided, guard, who_was_faster
from agents.runs.actions.holding import held_of, hold, to_be_held
from agents.runs.actions.releasing import locked_run, release, release_later, settle
from agents.runs.actions.review import locked_item, put_off
from agents.runs.enums import DecisionKind, DecisionState, ItemState
from agents.runs.models import Decision, ReviewItem, Run, StandingRule
from audit.actions import record

SKIPPED_FOR = timedelta(hours=4)


@transaction.atomic
def decide(
    item: ReviewItem,
    *,
    actor: User,
    kind: DecisionKind | str,
    note: str = "",
    payload: Json = None,
    proposal_sha256: str = "",
    root_cause: str = "",
    idempotency_key: str,
    grace_s: float = 0,
    rule: StandingRule | None = None,
) -> Decision:
    """Decides an item, once. The same actor, kind and key again: the first decision.

    `payload` is the edited proposal or the answer; nothing is approved without the hash of what was seen. A waiting run
    goes on with the answer, `grace_s` seconds later: until then it can be undone. Above the policy's amount it is held
    until a second person says the same. Escalate raises the item, skip (with a reason) puts it off; whoever closes what
    went wrong says why. Raises NotAllowed, AlreadyDecided, Conflict (`claimed`, `changed`, `expired`) or Invalid.
    """
    kind = _kind(kind)
    run = locked_run(item.pk)
    item = locked_item(item, actor)
    if again := item.decisions.filter(idempotency_key=idempotency_key).first():
        return _same(again, item, actor, kind)
    held = held_of(item)
    guard(item, actor, kind, note, proposal_sha256, held)
    if item.exception is not None:
        tell_cause(item.exception, kind, root_cause, note)
    decision = Decision(item=item, actor=actor, kind=kind, rule=rule, idempotency_key=idempotency_key)
    decision.note, decision.payload = storable(note), _payload(kind, payload, held)
    decision.proposal_sha256 = proposal_sha256
    if held is None and to_be_held(decision, item):
        hold(decision, item)
    else:
        _apply(decision, item)
        _let_go(decision, item, run, grace_s)
    _record(decision, item)
    faultpoint("approval.after_decision")
    return decision


def _let_go(decision: Decision, item: ReviewItem, run: Run | None, grace_s: float) -> None:
    """At once, or later; a person's escalation is at once, and taken back while nobody has acted on it (`escalating`),
    a rule's by whoever told it to decide, too, as long as its other decisions are."""
    if grace_s and (decision.rule or decision.kind != DecisionKind.ESCALATE):
        decision.state, decision.releases_at = DecisionState.PENDING, decision.at + timedelta(seconds=grace_s)
        decision.save()
        release_later(grace_s)
    else:
        decision.save()
        release(decision, item, run)


def _apply(decision: Decision, item: ReviewItem) -> None:
    kind = DecisionKind(decision.kind)
    if kind is DecisionKind.ESCALATE:
        decision.payload = escalate(item)
    elif kind is DecisionKind.SKIP:
        put_off(item, timezone.now() + SKIPPED_FOR)
        item.save(update_fields=["state", "claimed_by", "claimed_until", "snoozed_until"])
    elif item.exception is not None:
        settle(decision, item, item.exception)
    else:
        item.state, item.decided_at = ItemState.DECIDED, timezone.now()
        item.save(update_fields=["state", "decided_at"])


def _same(first: Decision, item: ReviewItem, actor: User, kind: DecisionKind) -> Decision:
    if first.actor_id == actor.pk and first.kind == kind:
        return first
    raise AlreadyDecided(who_was_faster(item), "already_decided")


def _kind(kind: DecisionKind | str) -> DecisionKind:
    try:
        return DecisionKind(kind)
    except ValueError:
        raise Invalid(_("There is no decision called “%(kind)s”.") % {"kind": kind}, "kind") from None


def _payload(kind: DecisionKind, payload: Json, held: Decision | None) -> Json:
    """An approval brings nothing of its own: it is of what was proposed, or of what the first person made of it."""
    if kind is DecisionKind.APPROVE:
        return held.payload if held else None
    return _storable(payload)


def _storable(payload: Json) -> Json:
    try:
        return storable(payload)
    except (TypeError, ValueError):
        raise Invalid(_("The answer is not JSON."), fields={"answer": [_("Not JSON.")]}) from None


def _record(decision: Decision, item: ReviewItem) -> None:
    run_id = item.exception.run_id if item.exception else None
    with about(run_id):
        record(
            _verb(decision),
            actor=decision.actor.actor,
            team_id=item.agent.team_id,
            obj=decision,
            agent_id=item.agent_id,
            item=item.pk,
            exception=item.exception_id,
            run=run_id,
            kind=decision.kind,
            note=decision.note,
            root_cause=item.exception.root_cause if item.exception else "",
            proposal_sha256=decision.proposal_sha256,
            rule=decision.rule_id,
        )
    notify("queue")


def _verb(decision: Decision) -> str:
    if decision.rule_id:
        return verbs.DECISION_BY_RULE
    return verbs.DECISION_HELD if decision.state == DecisionState.HELD else verbs.DECISION_MADE
