"""Saying from where on a figure is an exception."""

from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from agents.fleet import verbs
from agents.fleet.actions.policies import require_policy_role
from agents.fleet.enums import Verb
from agents.fleet.models import Agent, Flow, Threshold
from agents.fleet.permissions import require
from agents.people.clean import clean
from agents.people.locks import lock_teams
from agents.people.models import Team, User
from audit.actions import record


@transaction.atomic
def set_threshold(
    team: Team, *, key: str, limit: Decimal, actor: User, agent: Agent | None = None, flow: Flow | None = None
) -> Threshold:
    """Of this agent, of all that run this flow, or of the team; the one before it ends. Raises NotAllowed, Invalid."""
    made = Threshold(team=team, agent=agent, flow=flow, key=key, limit=limit, set_by=actor)
    _require(actor, made)
    clean(made, "key", "limit")
    lock_teams([team.pk])
    before = Threshold.objects.filter(team=team, agent=agent, flow=flow, key=key, ended_at=None).first()
    if before:
        Threshold.objects.filter(pk=before.pk).update(ended_at=made.set_at)
    made.save(force_insert=True)
    _note(verbs.THRESHOLD_SET, made, actor, before=before.limit if before else None)
    return made


@transaction.atomic
def end_threshold(threshold: Threshold, *, actor: User) -> None:
    """Nothing is raised by it any more; ended twice, nothing happens. Raises NotAllowed."""
    _require(actor, threshold)
    if Threshold.objects.filter(pk=threshold.pk, ended_at=None).update(ended_at=timezone.now()):
        _note(verbs.THRESHOLD_ENDED, threshold, actor)


def _require(actor: User, threshold: Threshold) -> None:
    if threshold.agent:
        require(actor, threshold.agent, Verb.CONFIGURE)
    else:
        require_policy_role(actor, threshold.team)


def _note(verb: str, threshold: Threshold, actor: User, before: Decimal | None = None) -> None:
    record(
        verb,
        actor=actor.actor,
        team_id=threshold.team_id,
        obj=threshold,
        agent_id=threshold.agent_id,
        key=threshold.key,
        limit=threshold.limit,
        flow=threshold.flow.slug if threshold.flow else None,
        before=before,
    )
