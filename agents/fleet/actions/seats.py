"""One seat at a time, each with its event; for actions that hold the locks and know that the actor may."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.actors import Actor
from agents.base.errors import Invalid
from agents.fleet import hooks, verbs
from agents.fleet.enums import QUORUM_ROLES, OwnerRole
from agents.fleet.models import Agent, AgentOwner
from agents.people.locks import lock_users
from agents.people.models import Membership, Team, User
from audit.actions import record

Seats = list[tuple[User, OwnerRole]]


def sit(agent: Agent, user: User, role: OwnerRole, *, actor: Actor, acting: bool = False) -> AgentOwner:
    """The person has exactly this seat. A primary before becomes second; the same seat again writes nothing."""
    held = AgentOwner.objects.filter(agent=agent, user=user).first()
    if held and (held.role, held.acting) == (role, acting):
        return held
    if role == OwnerRole.PRIMARY:
        for before in agent.owners.filter(role=OwnerRole.PRIMARY).exclude(user=user).select_related("user"):
            sit(agent, before.user, OwnerRole.SECOND, actor=actor)
    seat = held or AgentOwner(agent=agent, user=user)
    seat.role, seat.acting, seat.since = role, acting, timezone.now()
    seat.save()
    _record(verbs.OWNER_SEATED, agent, user, actor, role=role, acting=acting)
    return seat


def rise(seat: AgentOwner, *, actor: Actor) -> None:
    """The person has no seat on this agent any more."""
    seat.delete()
    _record(verbs.OWNER_REMOVED, seat.agent, seat.user, actor, role=seat.role)


def _record(verb: str, agent: Agent, user: User, actor: Actor, **data: Any) -> None:
    record(verb, actor=actor, team_id=agent.team_id, obj=agent, agent_id=agent.pk, user=user.pk, name=str(user), **data)


def owners(agent: Agent) -> QuerySet[AgentOwner]:
    """The seats of one agent with their people, as they are now."""
    return AgentOwner.objects.filter(agent=agent).select_related("user").order_by("pk")


def end_acting(agent: Agent, *, actor: Actor) -> None:
    """Once a primary and one more are appointed and active, nobody acts: chiefs rise, backups are backups again."""
    seats = list(owners(agent))
    named = [s for s in seats if s.user.is_active and s.role in QUORUM_ROLES]
    named = [s for s in named if not s.acting or s.role == OwnerRole.BACKUP]
    if len(named) < 2 or not any(s.role == OwnerRole.PRIMARY for s in named):
        return
    for seat in seats:
        if seat.acting and seat.role == OwnerRole.BACKUP:
            sit(agent, seat.user, OwnerRole.BACKUP, actor=actor)
        elif seat.acting:
            seat.agent = agent
            rise(seat, actor=actor)
    for handler in hooks.owners_named:
        handler(agent, actor)


def seatable(team: Team, wanted: Iterable[tuple[User, str]]) -> Seats:
    """These people, locked and checked: active members, each once, one primary at most. Raises `Invalid` otherwise."""
    listed = list(wanted)
    users = lock_users(user.pk for user, _role in listed)
    members = set(Membership.objects.filter(team=team, user__in=users).values_list("user_id", flat=True))
    problems = [
        _("%(user)s is not an active member of the team: choose from its members.") % {"user": user}
        for user, _role in listed
        if user.pk not in members or not users[user.pk].is_active
    ]
    roles = [role for _user, role in listed]
    if len(users) < len(listed):
        problems.append(_("A person has one seat on an agent."))
    if roles.count(OwnerRole.PRIMARY) > 1:
        problems.append(_("An agent has one primary owner."))
    if not set(roles) <= set(OwnerRole.values):
        problems.append(_("Choose the role from the list."))
    if problems:
        raise Invalid(" ".join(problems), "owners", {"owners": problems})
    return [(users[user.pk], OwnerRole(role)) for user, role in listed]
