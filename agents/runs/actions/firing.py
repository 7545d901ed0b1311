"""Standing rules at work: what one of them answers, nobody is asked."""

import logging
import uuid
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.errors import Conflict, NotAllowed, Refused
from agents.fleet.enums import Verb
from agents.fleet.permissions import require
from agents.people.models import User
from agents.runs import verbs, wording
from agents.runs.actions.bulk import MOST
from agents.runs.actions.decisions import decide
from agents.runs.actions.rules import note_rule, stop_rule
from agents.runs.enums import ExceptionState, RuleState
from agents.runs.models import RunException, StandingRule
from agents.runs.queries.rules import reaches, still_open

log = logging.getLogger(__name__)
A_DAY = timedelta(days=1)


def answer_by_rule(exception: RunException) -> None:
    """Once what is asked is committed, the oldest rule that reaches it answers; what fails is left to people."""
    transaction.on_commit(lambda: _answer(exception.pk), robust=True)


def _answer(pk: uuid.UUID) -> None:
    exception = RunException.objects.select_related("agent", "item__agent", "run").get(pk=pk)
    active = StandingRule.objects.filter(agent=exception.agent_id, kind=exception.kind, state=RuleState.ACTIVE)
    for rule in active.order_by("created_at"):
        if exception.state == ExceptionState.OPEN and reaches(rule, exception) and _fire(rule.pk, exception):
            return


def decide_open(rule: StandingRule, *, actor: User, grace_s: float = 0) -> tuple[int, int]:
    """The rule decides what was open before it, too, each by itself: how many, and how many are left to people.

    At most MOST at once, the oldest first, within its limit a day; for `grace_s` seconds each can be undone. Raises
    NotAllowed, Conflict (`not_active`).
    """
    require(actor, rule.agent, Verb.REVIEW)
    if not rule.is_active:
        raise Conflict(_("This rule is not in force."), "not_active")
    found = still_open(rule)
    note_rule(verbs.RULE_DECIDES_OPEN, rule, actor.actor, exceptions=[each.pk for each in found[:MOST]])
    decided = sum(_fire(rule.pk, exception, grace_s) for exception in found[:MOST])
    return decided, len(found) - decided


@transaction.atomic
def _fire(pk: uuid.UUID, exception: RunException, grace_s: float = 0) -> bool:
    """Whether the rule decided. Its row is locked first, so that its limit holds whatever comes at once."""
    rules = StandingRule.objects.select_related("author", "agent")
    rule = rules.select_for_update(no_key=True, of=("self",)).get(pk=pk)
    if not rule.is_active or rule.firings.filter(at__gt=timezone.now() - A_DAY).count() >= rule.most_a_day:
        return False
    try:
        with transaction.atomic():
            _decide(rule, exception, grace_s)
    except NotAllowed:
        stop_rule(rule, wording.AUTHOR_MAY_NOT)
        return False
    except Refused as refusal:
        log.info("Rule %s left %s to people: %s", rule.pk, exception.pk, refusal.message)
        return False
    return True


def _decide(rule: StandingRule, exception: RunException, grace_s: float) -> None:
    decide(
        exception.item,
        actor=rule.author,
        kind=rule.decision,
        note=rule.note,
        payload=rule.payload,
        proposal_sha256=exception.proposal_sha256,
        root_cause=rule.root_cause,
        idempotency_key=f"rule {rule.pk}",
        grace_s=grace_s,
        rule=rule,
    )
