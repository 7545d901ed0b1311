"""Taking sign-in or membership away, at once and always; and giving sign-in back."""

import uuid

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from agents.base.actors import Actor
from agents.base.errors import NotAllowed
from agents.base.hooks import notify
from agents.base.phrases import phrase
from agents.fleet import hooks, verbs
from agents.fleet.actions.lifecycle import move
from agents.fleet.actions.seats import end_acting, rise, sit
from agents.fleet.enums import Lifecycle, OwnerRole
from agents.fleet.models import Agent, AgentOwner
from agents.fleet.permissions import sync_grants
from agents.fleet.queries.succession import Succession, candidates, successions
from agents.fleet.quorum import lock_agents, two_owners
from agents.people import verbs as people_verbs
from agents.people.actions.members import lock_membership, tell
from agents.people.actions.tokens import revoke_all
from agents.people.locks import lock_teams, lock_users
from agents.people.models import Membership, User
from agents.people.permissions import require_people_role
from audit.actions import record

NOBODY_LEFT = phrase("%(user)s no longer answers for it, and nobody could take the place.")


@transaction.atomic
def deactivate_user(user: User, *, actor: User) -> User:
    """Revokes sign-in now: sessions and tokens end. Done twice, it is done once.

    On every live agent that counted on the person the named backup, else the Chief Agent Officer, acts as owner; where
    nobody can, the agent is paused; `hooks.acting_seat` hears of each. Raises `NotAllowed`, also for oneself: so
    somebody always remains.
    """
    locked, people = _decide(user, actor)
    if not locked.is_active:
        return locked
    affected = Agent.objects.filter(Q(owners__user=locked) | Q(user_grants__user=locked))
    held = lock_agents(affected)
    agents = _among(held)
    locked.is_active = False
    locked.session_epoch += 1
    with two_owners(held):
        locked.save(update_fields=["is_active", "session_epoch"])
        _record(people_verbs.DEACTIVATED, locked, actor)
        revoke_all(locked.tokens.all(), actor)
        _hand_over(locked, agents, people, actor)
    sync_grants(agents)
    notify("fleet")
    return locked


@transaction.atomic
def reactivate_user(user: User, *, actor: User) -> User:
    """Gives sign-in back, with the seats held before; whoever acted in their place stops. Raises `NotAllowed`."""
    locked, _people = _decide(user, actor)
    if locked.is_active:
        return locked
    teams = Membership.objects.filter(user=locked).values("team")
    held = lock_agents(Agent.objects.filter(team__in=teams))
    locked.is_active = True
    locked.save(update_fields=["is_active"])
    _record(people_verbs.REACTIVATED, locked, actor)
    mine = set(AgentOwner.objects.filter(user=locked).values_list("agent_id", flat=True))
    with two_owners(held):
        for agent in held:
            if agent.pk in mine:
                end_acting(agent, actor=actor.actor)
    sync_grants(_among(held))
    notify("fleet")
    return locked


def _decide(user: User, actor: User) -> tuple[User, set[uuid.UUID]]:
    """The person and everybody who may follow, locked; and the actor may decide it in every team the person is in."""
    lock_teams(Membership.objects.filter(user=user).values_list("team_id", flat=True))
    people = lock_users({user.pk, actor.pk, *candidates(user)})
    _refuse_oneself(user, actor)
    memberships = list(Membership.objects.filter(user=user))
    if not memberships or not people[actor.pk].is_active:
        raise NotAllowed(_("Only an administrator or the Chief Agent Officer may do this."), "people_role")
    for membership in memberships:
        require_people_role(people[actor.pk], membership.team_id, membership.role)
    return people[user.pk], set(people)


@transaction.atomic
def remove_member(membership: Membership, *, actor: User) -> None:
    """Out of this team at once, whatever other teams the person is in: seats, tokens and role end here.

    Live agents are handed over as in `deactivate_user`. Raises `NotAllowed`, also for oneself; `Conflict` when they
    left already.
    """
    team, user = membership.team, membership.user
    lock_teams([team.pk])
    people = lock_users({user.pk, actor.pk, *candidates(user)})
    _refuse_oneself(user, actor)
    require_people_role(people[actor.pk], team.pk, lock_membership(membership).role)
    held = lock_agents(Agent.objects.filter(team=team))
    with two_owners(held):
        _hand_over(user, _among(held), set(people), actor)
        for seat in AgentOwner.objects.filter(agent__in=held, user=user).select_related("agent", "user"):
            rise(seat, actor=actor.actor)
        revoke_all(user.tokens.filter(team=team), actor)
        Membership.objects.filter(pk=membership.pk).delete()
        record(people_verbs.MEMBER_REMOVED, actor=actor.actor, team_id=team.pk, obj=user)
    tell(team.pk)
    notify("fleet")


def _refuse_oneself(user: User, actor: User) -> None:
    if actor == user:
        raise NotAllowed(_("Somebody else must do this for you."), "oneself")


def _among(agents: list[Agent]) -> QuerySet[Agent]:
    return Agent.objects.filter(pk__in=[agent.pk for agent in agents])


def _hand_over(leaver: User, agents: QuerySet[Agent], people: set[uuid.UUID], actor: User) -> None:
    for succession in successions(leaver, agents, among=people):
        _succeed(succession, leaver, actor.actor)


def _succeed(succession: Succession, leaver: User, actor: Actor) -> None:
    agent = succession.agent
    seats = [sit(agent, chief, OwnerRole.SECOND, actor=actor, acting=True) for chief in succession.chiefs]
    if succession.backup:
        seats.insert(0, sit(agent, succession.backup, OwnerRole.BACKUP, actor=actor, acting=True))
    if succession.paused:
        reason = NOBODY_LEFT % {"user": leaver}
        move(agent, Lifecycle.PAUSED, verbs.AGENT_PAUSED, actor, reason)
    if seats or succession.paused:
        for handler in hooks.acting_seat:
            handler(agent, None if succession.paused else seats[0], leaver)


def _record(verb: str, user: User, actor: User) -> None:
    for membership in Membership.objects.filter(user=user).order_by("team"):
        record(verb, actor=actor.actor, team_id=membership.team_id, obj=user)
