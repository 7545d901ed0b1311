"""Making a decision a standing rule, and letting it go again. What rules decide: `firing.py`."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.actors import SYSTEM, Actor
from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.base.hooks import notify
from agents.engine.state import storable
from agents.fleet.enums import Verb
from agents.fleet.permissions import require
from agents.people.models import User
from agents.runs import verbs
from agents.runs.answers import fitting
from agents.runs.conditions import Is
from agents.runs.enums import STANDING, DecisionKind, ExceptionKind, RuleState
from agents.runs.models import Decision, RunException, StandingRule
from agents.runs.queries.rules import may_restore, reaches, replay
from agents.runs.stakes import amounts
from audit.actions import record

LONGEST = timedelta(days=90)
MOST_A_DAY = 1000
MOST_CONDITIONS = 10
AS_RULE = (
    DecisionKind.APPROVE,
    DecisionKind.REJECT,
    DecisionKind.RESPOND,
    DecisionKind.IGNORE,
    DecisionKind.ESCALATE,
)
"""What a rule may decide: an edit is of one case, and what is only put off comes back."""


def drafted(
    origin: Decision,
    *,
    actor: User,
    conditions: list[dict[str, str]],
    most_a_day: int,
    most_micros: int | None,
    expires_at: datetime,
) -> StandingRule:
    """The rule that decides as `origin` did, not saved, with its replay. Raises NotAllowed or Invalid with `fields`."""
    exception, problem = origin.item.exception if origin.item else None, no_rule(origin)
    if exception is None or problem:
        raise Invalid(problem, "not_a_rule")
    require(actor, exception.agent, Verb.REVIEW)
    rule = StandingRule(
        agent=exception.agent,
        kind=exception.kind,
        conditions=conditions,
        decision=origin.kind,
        note=origin.note,
        payload=origin.payload,
        root_cause=exception.root_cause,
        most_a_day=most_a_day,
        most_micros=most_micros,
        expires_at=expires_at,
        author=actor,
    )
    _check(rule, exception)
    rule.replay = replay(rule).as_json()
    return rule


def no_rule(origin: Decision) -> str:
    """Why none can be made of the decision; empty where one can."""
    exception = origin.item.exception if origin.item else None
    if exception is None or exception.kind == ExceptionKind.SAMPLE or origin.kind not in AS_RULE:
        return _("No rule can be made of this decision.")
    return "" if origin.state in STANDING else _("No rule can be made of what did not take effect.")


@transaction.atomic
def propose_rule(origin: Decision, *, actor: User, **rule: Any) -> StandingRule:
    """Keeps the rule that `drafted` makes; it decides nothing before another of the agent's people approves it."""
    made = drafted(origin, actor=actor, **rule)
    made.save()
    note_rule(verbs.RULE_PROPOSED, made, actor.actor, origin=origin.pk, conditions=made.conditions, replay=made.replay)
    return made


@transaction.atomic
def approve_rule(rule: StandingRule, *, actor: User) -> StandingRule:
    """From now on it decides. Raises NotAllowed (`self_approval` for its author), Conflict unless it is proposed."""
    rule = _locked(rule, actor)
    if rule.author_id == actor.pk:
        raise NotAllowed(_("You wrote this rule; another of the agent’s people has to approve it."), "self_approval")
    if rule.state != RuleState.PROPOSED or rule.expires_at <= timezone.now():
        raise Conflict(_("This rule no longer waits for anybody."), "not_proposed")
    rule.approver = actor
    _move(rule, RuleState.ACTIVE, verbs.RULE_APPROVED, actor.actor)
    return rule


@transaction.atomic
def revoke_rule(rule: StandingRule, *, actor: User, why: str = "") -> StandingRule:
    """It decides nothing any more; what it decided stands. Revoked twice, nothing happens. Raises NotAllowed."""
    rule = _locked(rule, actor)
    if rule.state in (RuleState.PROPOSED, RuleState.ACTIVE):
        rule.why = storable(why)[:300]
        _move(rule, RuleState.REVOKED, verbs.RULE_REVOKED, actor.actor)
    return rule


@transaction.atomic
def restore_rule(rule: StandingRule, *, actor: User) -> StandingRule:
    """Takes a revocation back: the rule is what it was. Raises NotAllowed, and Conflict (`too_late`) for anybody but
    whoever has just revoked it: a rule that was gone takes two people again."""
    rule = _locked(rule, actor)
    if not may_restore(actor, rule):
        raise Conflict(_("Too late to take that back: make the rule anew."), "too_late")
    rule.why = ""
    _move(rule, RuleState.ACTIVE if rule.approver_id else RuleState.PROPOSED, verbs.RULE_RESTORED, actor.actor)
    return rule


def stop_rule(rule: StandingRule, why: str) -> None:
    """It stops by itself. The caller has locked it."""
    rule.why = why[:300]
    _move(rule, RuleState.STOPPED, verbs.RULE_STOPPED, SYSTEM)


def _locked(rule: StandingRule, actor: User) -> StandingRule:
    require(actor, rule.agent, Verb.REVIEW)
    return StandingRule.objects.select_related("agent").select_for_update(no_key=True, of=("self",)).get(pk=rule.pk)


def _move(rule: StandingRule, state: RuleState, verb: str, actor: Actor) -> None:
    rule.state, rule.state_since = state, timezone.now()
    rule.save(update_fields=["state", "state_since", "approver", "why"])
    note_rule(verb, rule, actor, why=rule.why)


def _check(rule: StandingRule, exception: RunException) -> None:
    """Raises Invalid, field by field, unless the rule is within bounds and fits the case it was made from."""
    now, fields = timezone.now(), {}
    if not now < rule.expires_at <= now + LONGEST:
        fields["expires_at"] = [_("A rule lasts at most 90 days.")]
    if not 0 < rule.most_a_day <= MOST_A_DAY:
        fields["most_a_day"] = [_("Say how often a day it may decide, at most 1,000 times.")]
    if rule.decision == DecisionKind.APPROVE and rule.most_micros is None and any(amounts(exception.proposal)):
        fields["most_micros"] = [_("Say up to which amount it may approve.")]
    if not _sound(rule.conditions):
        fields["conditions"] = [_("Say when the rule fits, with at most ten conditions.")]
    elif not fields and not reaches(rule, exception):
        fields["conditions"] = [_("The rule does not reach the very case it is made from.")]
    if fields:
        raise Invalid(_("The rule cannot be kept like this."), "rule", fields)
    if rule.decision == DecisionKind.RESPOND:
        fitting(exception.schema, rule.payload, rule.note)


def _sound(conditions: list[dict[str, str]]) -> bool:
    known = all(set(each) == {"field", "is", "value"} and each["is"] in Is.values for each in conditions)
    return known and 0 < len(conditions) <= MOST_CONDITIONS


def note_rule(verb: str, rule: StandingRule, actor: Actor, **data: Any) -> None:
    """The event of what happened to a rule."""
    record(verb, actor=actor, team_id=rule.agent.team_id, obj=rule, agent_id=rule.agent_id, state=rule.state, **data)
    notify("queue")
