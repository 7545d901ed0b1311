"""Who owns an agent, or many agents at once."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from agents.base.errors import Invalid
from agents.base.hooks import notify
from agents.fleet.actions.seats import end_acting, owners, rise, seatable, sit
from agents.fleet.enums import OwnerRole
from agents.fleet.models import Agent, AgentOwner
from agents.fleet.permissions import require_appointer, sync_grants
from agents.fleet.quorum import lock_agents, two_owners
from agents.people.locks import lock_users
from agents.people.models import Team, User


@transaction.atomic
def seat_owner(agent: Agent, user: User, role: OwnerRole, *, actor: User) -> AgentOwner:
    """Gives the person this seat. A new primary makes the old one second; an appointment ends acting.

    Raises `NotAllowed`, `Invalid` (codes `owners`, `two_owners`). Takes effect on permissions at once.
    """
    require_appointer(actor, [agent])
    [(member, seat)] = seatable(agent.team, [(user, role)])
    [locked] = lock_agents([agent])
    with two_owners([locked]):
        seated = sit(locked, member, seat, actor=actor.actor)
        end_acting(locked, actor=actor.actor)
    _done(Agent.objects.filter(pk=agent.pk))
    return seated


@transaction.atomic
def remove_owner(agent: Agent, user: User, *, actor: User) -> None:
    """Takes the seat away. Raises `NotAllowed`; `Invalid` without one (`no_seat`) or below two (`two_owners`)."""
    require_appointer(actor, [agent])
    _remove([agent], user, actor)


@transaction.atomic
def remove_owner_everywhere(user: User, *, team: Team, actor: User) -> int:
    """Takes all seats of the person in the team away, or none, naming every agent left short. Returns how many."""
    agents = list(Agent.objects.filter(team=team, owners__user=user))
    require_appointer(actor, agents)
    return _remove(agents, user, actor) if agents else 0


def _remove(agents: list[Agent], user: User, actor: User) -> int:
    lock_users([user.pk])
    locked = {agent.pk: agent for agent in lock_agents(agents)}
    seats = list(AgentOwner.objects.filter(agent__in=locked, user=user).select_related("user").order_by("agent"))
    if not seats:
        raise Invalid(_("%(user)s owns no such agent.") % {"user": user}, "no_seat")
    with two_owners(locked.values()):
        for seat in seats:
            seat.agent = locked[seat.agent_id]
            rise(seat, actor=actor.actor)
    _done(Agent.objects.filter(pk__in=locked))
    return len(seats)


@transaction.atomic
def set_owners(agents: Iterable[Agent], seats: Iterable[tuple[User, OwnerRole]], *, actor: User) -> None:
    """Each of these agents of one team has exactly these owners afterwards, all of them or none.

    Raises `NotAllowed`, `Invalid` (codes `owners`, `two_owners`, `one_team`).
    """
    chosen = list(agents)
    if len({agent.team_id for agent in chosen}) != 1:
        raise Invalid(_("Choose agents of one team."), "one_team")
    require_appointer(actor, chosen)
    wanted = seatable(chosen[0].team, seats)
    locked = lock_agents(chosen)
    with two_owners(locked):
        for agent in locked:
            _replace(agent, wanted, actor)
            end_acting(agent, actor=actor.actor)
    _done(Agent.objects.filter(pk__in=[agent.pk for agent in locked]))


def _replace(agent: Agent, wanted: list[tuple[User, OwnerRole]], actor: User) -> None:
    stay = {user.pk for user, _role in wanted}
    for seat in owners(agent).exclude(user__in=stay):
        seat.agent = agent
        rise(seat, actor=actor.actor)
    # The primary last: it makes whoever still is primary a second, which the list has then settled.
    for user, role in sorted(wanted, key=lambda pair: pair[1] == OwnerRole.PRIMARY):
        sit(agent, user, role, actor=actor.actor)


def _done(agents: QuerySet[Agent]) -> None:
    sync_grants(agents)
    notify("fleet")
