"""The order in which everybody locks: teams, then users, then agents, each by id. It keeps us free of deadlocks."""

import uuid
from collections.abc import Iterable

from agents.people.models import Team, User


def lock_teams(ids: Iterable[uuid.UUID]) -> list[Team]:
    """Hold these teams until the transaction ends: who belongs to them, and with which role, stays as it is."""
    return list(Team.objects.filter(pk__in=set(ids)).order_by("pk").select_for_update(no_key=True))


def lock_users(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, User]:
    """Hold these people, fresh, until the transaction ends: whether they may sign in stays as it is."""
    rows = User.objects.filter(pk__in=set(ids)).order_by("pk").select_for_update(no_key=True)
    return {user.pk: user for user in rows}
