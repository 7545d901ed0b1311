"""Standing rules: which there are, what they did, and what one would have done."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models import Count, Max, Prefetch, Q, QuerySet
from django.utils import timezone

from agents.fleet.enums import Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import agents_for
from agents.people.models import Team, User
from agents.runs import verbs
from agents.runs.answers import LATER
from agents.runs.conditions import fits
from agents.runs.enums import STANDING, DecisionKind, DecisionState, ExceptionState, RuleState
from agents.runs.models import Decision, RunException, StandingRule
from agents.runs.queries.bypasses import BY_BYPASS
from agents.runs.stakes import amounts, needs_second
from audit.models import AuditEvent

REPLAYED = timedelta(days=30)
MOST_REPLAYED = 2000
MOST_LISTED = 50
RESTORED_WITHIN = timedelta(minutes=1)
"""So long whoever revoked a rule takes that back alone."""


@dataclass
class Replay:
    """What a rule would have decided: how often as people did, and where not."""

    same: int = 0
    differs: list[RunException] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.same + len(self.differs)

    def as_json(self) -> dict[str, Any]:
        return {"total": self.total, "same": self.same, "differs": [str(each.pk) for each in self.differs]}


def rules_for(user: User, team: Team) -> QuerySet[StandingRule]:
    """The rules of agents the person may see, with how often each decided in a day and in all."""
    seen = StandingRule.objects.filter(agent__team=team, agent__in=agents_for(user, Verb.VIEW))
    lately = Q(firings__at__gt=timezone.now() - timedelta(days=1))
    counted = seen.annotate(today=Count("firings", lately), fired=Count("firings"), last=Max("firings__at"))
    return counted.select_related("agent", "author", "approver").order_by("state", "-created_at")


def to_approve(user: User, team: Team) -> int:
    """How many rules somebody else has proposed and this person may approve."""
    asked = StandingRule.objects.filter(state=RuleState.PROPOSED, expires_at__gt=timezone.now()).exclude(author=user)
    return asked.filter(agent__team=team, agent__in=agents_for(user, Verb.REVIEW)).count()


def firings(rule: StandingRule) -> QuerySet[Decision]:
    """What the rule decided, the latest first."""
    return rule.firings.select_related("item__exception").order_by("-at")


def may_restore(user: User, rule: StandingRule) -> bool:
    """Whether the person has just revoked the rule and may still take that back."""
    if rule.state != RuleState.REVOKED or rule.state_since < timezone.now() - RESTORED_WITHIN:
        return False
    revoked = AuditEvent.objects.filter(object_id=rule.pk, verb=verbs.RULE_REVOKED).order_by("-seq")
    return revoked.values_list("actor_id", flat=True).first() == user.pk


def pending(rule: StandingRule) -> list[Decision]:
    """What it was told to decide and can still be undone, all of it at once, in the order it was decided."""
    return list(rule.firings.filter(state=DecisionState.PENDING, releases_at__gt=timezone.now()).order_by("at"))


def ruled(agent: Agent, since: dt.datetime) -> QuerySet[Decision]:
    """What rules and bypasses decided of the agent since then, instead of its people; without what was undone."""
    unasked = Q(rule__isnull=False) | Q(idempotency_key__startswith=BY_BYPASS)
    found = Decision.objects.filter(unasked, item__agent=agent, at__gte=since, state__in=STANDING)
    return found.select_related("rule", "item__exception").order_by("-at")[:MOST_LISTED]


def replay(rule: StandingRule) -> Replay:
    """The rule over what people of the agent decided in the last 30 days, within its limits; the rule is not saved."""
    found, a_day = Replay(), Counter[Any]()
    for exception in _decided(rule):
        if not reaches(rule, exception):
            continue
        a_day[exception.opened_at.date()] += 1
        if a_day[exception.opened_at.date()] > rule.most_a_day:
            continue
        if any(agrees(rule, each) for each in exception.item.by_people):  # type: ignore[attr-defined]  # prefetched so
            found.same += 1
        else:
            found.differs.append(exception)
    return found


def _decided(rule: StandingRule) -> list[RunException]:
    by_people = Decision.objects.filter(state__in=STANDING, rule=None)
    since = timezone.now() - REPLAYED
    asked = RunException.objects.filter(agent=rule.agent_id, kind=rule.kind, opened_at__gte=since)
    if rule.decision != DecisionKind.ESCALATE:  # which leaves it open
        by_people, asked = by_people.exclude(kind__in=LATER), asked.filter(state=ExceptionState.RESOLVED)
    asked = asked.filter(item__decisions__in=by_people).distinct().select_related("agent", "item")
    made = Prefetch("item__decisions", by_people.select_related("actor"), to_attr="by_people")
    return list(asked.prefetch_related(made).order_by("-opened_at")[:MOST_REPLAYED])


def reaches(rule: StandingRule, exception: RunException) -> bool:
    """Whether the rule may speak here: its conditions hold, and no more is at stake than it and one person may."""
    if exception.kind != rule.kind or not fits(rule.conditions, exception):
        return False
    if rule.decision != DecisionKind.APPROVE:
        return True
    most, currency = rule.most_micros, exception.agent.currency
    at_stake = list(amounts(exception.proposal))
    within = all(most is not None and micros <= most and unit in ("", currency) for micros, unit in at_stake)
    return within and not needs_second(exception.agent, exception.proposal)


def still_open(rule: StandingRule) -> list[RunException]:
    """What was asked before the rule came into force and waits for people although it fits, the oldest first."""
    asked = RunException.objects.filter(agent=rule.agent_id, kind=rule.kind, state=ExceptionState.OPEN)
    # What a first person has decided is a second one's; what was decided so and is open all the same is escalated
    # already, or somebody has taken it back.
    asked = asked.exclude(item__decisions__state=DecisionState.HELD).exclude(item__decisions__kind=rule.decision)
    oldest = asked.select_related("agent", "item").order_by("opened_at", "pk")[:MOST_REPLAYED]
    return [each for each in oldest if reaches(rule, each)]


def agrees(rule: StandingRule, decision: Decision) -> bool:
    """Whether a person decided what the rule would have."""
    same_answer = rule.decision != DecisionKind.RESPOND or _said(decision) == _said(rule)
    return decision.kind == rule.decision and same_answer


def _said(either: Decision | StandingRule) -> Any:
    return either.payload if either.payload is not None else either.note.strip()
