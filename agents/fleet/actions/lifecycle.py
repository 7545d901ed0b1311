"""Where an agent stands: onboarding, live, paused, retired. One door per transition."""

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.actors import Actor
from agents.base.errors import Conflict, Invalid
from agents.base.hooks import notify
from agents.fleet import hooks, verbs
from agents.fleet.enums import Lifecycle, Verb
from agents.fleet.models import Agent
from agents.fleet.permissions import require, require_appointer
from agents.fleet.quorum import lock_agents, two_owners
from agents.people.models import User
from audit.actions import record

REASON = 300


@transaction.atomic
def go_live(agent: Agent, *, actor: User) -> Agent:
    """From onboarding to live; needs two active owners and a flow that is ready.

    Raises `NotAllowed`, `Conflict`, `Invalid` (`two_owners`, `unready`) with everything that lacks.
    """
    require_appointer(actor, [agent])
    [locked] = lock_agents([agent])
    if locked.lifecycle != Lifecycle.LIVE:
        _expect(locked, [Lifecycle.ONBOARDING])
        if reasons := [said for asked in hooks.going_live for said in asked(locked)]:
            raise Invalid(" ".join(reasons), "unready")
        with two_owners([locked]):
            move(locked, Lifecycle.LIVE, verbs.AGENT_LIVE, actor.actor)
    return locked


@transaction.atomic
def pause_agent(agent: Agent, *, actor: User, reason: str) -> Agent:
    """Nothing of it starts, and what runs stops at its next step. Raises `NotAllowed`; `Invalid` without a reason."""
    require(actor, agent, Verb.PAUSE)
    [locked] = lock_agents([agent])
    if not reason.strip():
        problem = _("Say why: whoever finds it paused will want to know.")
        raise Invalid(problem, fields={"reason": [problem]})
    if locked.lifecycle != Lifecycle.PAUSED:
        _expect(locked, [Lifecycle.LIVE, Lifecycle.ONBOARDING])
        move(locked, Lifecycle.PAUSED, verbs.AGENT_PAUSED, actor.actor, reason.strip())
    return locked


@transaction.atomic
def resume_agent(agent: Agent, *, actor: User) -> Agent:
    """Back to live, or to onboarding if it never was live. Raises `NotAllowed`, `Conflict`, `Invalid`."""
    require(actor, agent, Verb.PAUSE)
    [locked] = lock_agents([agent])
    if locked.lifecycle not in (Lifecycle.LIVE, Lifecycle.ONBOARDING):
        _expect(locked, [Lifecycle.PAUSED])
        back = Lifecycle.LIVE if locked.live_since else Lifecycle.ONBOARDING
        with two_owners([locked]):
            move(locked, back, verbs.AGENT_RESUMED, actor.actor)
    return locked


@transaction.atomic
def retire_agent(agent: Agent, *, actor: User, reason: str = "") -> Agent:
    """For good: it keeps its past and never runs again. Raises `NotAllowed`."""
    require_appointer(actor, [agent])
    [locked] = lock_agents([agent])
    if locked.lifecycle != Lifecycle.RETIRED:
        move(locked, Lifecycle.RETIRED, verbs.AGENT_RETIRED, actor.actor, reason.strip())
    return locked


def _expect(agent: Agent, allowed: Collection[Lifecycle]) -> None:
    if agent.lifecycle not in allowed:
        raise Conflict(
            _("%(agent)s is %(state)s.") % {"agent": agent, "state": agent.get_lifecycle_display().lower()}, "lifecycle"
        )


def move(agent: Agent, to: Lifecycle, verb: str, actor: Actor, reason: str = "") -> None:
    """The transition itself, on a locked agent, with its event; for actions that know that the actor may."""
    before, now = agent.lifecycle, timezone.now()
    agent.lifecycle, agent.lifecycle_since, agent.lifecycle_reason = to, now, reason[:REASON]
    if to == Lifecycle.LIVE:
        agent.live_since = agent.live_since or now
    agent.save(update_fields=["lifecycle", "lifecycle_since", "lifecycle_reason", "live_since"])
    told = {"before": before, "after": to, "reason": reason}
    record(verb, actor=actor, team_id=agent.team_id, obj=agent, agent_id=agent.pk, **told)
    for tell in hooks.lifecycle_changed:
        tell(agent, before)
    notify("fleet")
