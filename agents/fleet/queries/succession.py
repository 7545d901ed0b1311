"""What happens to a person's agents when sign-in is revoked: shown before, and done, from the same answer."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from agents.fleet.enums import QUORUM_ROLES, Lifecycle, OwnerRole
from agents.fleet.models import Agent, AgentOwner
from agents.fleet.queries.fleet import seats
from agents.people.enums import TeamRole
from agents.people.models import Membership, User

LEADING = (OwnerRole.PRIMARY, OwnerRole.SECOND)


@dataclass(frozen=True)
class Succession:
    """One live agent of the leaver: the backup and the chiefs that act from now on; paused when two are not found."""

    agent: Agent
    backup: User | None
    chiefs: tuple[User, ...]
    paused: bool

    @property
    def acting(self) -> tuple[User, ...]:
        return (self.backup, *self.chiefs) if self.backup else self.chiefs


def successions(leaver: User, agents: QuerySet[Agent], among: Collection[uuid.UUID] | None = None) -> list[Succession]:
    """Who follows on each of these agents that is live and counts on the leaver. `among` limits who may be seated."""
    mine = AgentOwner.objects.filter(user=leaver, role__in=QUORUM_ROLES)
    held = agents.filter(lifecycle=Lifecycle.LIVE, pk__in=mine.values("agent")).order_by("pk")
    chiefs = _chiefs(leaver, among)
    return [
        _succession(agent, leaver, chiefs.get(agent.team_id, []), among)
        for agent in held.prefetch_related(Prefetch("owners", seats()))
    ]


def candidates(leaver: User) -> set[uuid.UUID]:
    """Everybody who could be seated for this person: owners of the same agents, and the chiefs of the same teams."""
    owners = AgentOwner.objects.filter(agent__owners__user=leaver).values_list("user_id", flat=True)
    chiefs = _chiefs(leaver, None)
    return {*owners, *(chief.pk for team in chiefs.values() for chief in team)}


def _chiefs(leaver: User, among: Collection[uuid.UUID] | None) -> dict[uuid.UUID, list[User]]:
    teams = Membership.objects.filter(user=leaver).values("team")
    rows = Membership.objects.filter(team__in=teams, role=TeamRole.CHIEF, user__is_active=True).exclude(user=leaver)
    if among is not None:
        rows = rows.filter(user__in=among)
    found: dict[uuid.UUID, list[User]] = {}
    for row in rows.select_related("user").order_by("since", "pk"):
        found.setdefault(row.team_id, []).append(row.user)
    return found


def _succession(agent: Agent, leaver: User, chiefs: list[User], among: Collection[uuid.UUID] | None) -> Succession:
    owners = [seat for seat in agent.owners.all() if seat.role in QUORUM_ROLES and seat.user.is_active]
    role = next(seat.role for seat in agent.owners.all() if seat.user_id == leaver.pk)
    stay = [seat for seat in owners if seat.user_id != leaver.pk]
    backup = next((s.user for s in stay if s.role == OwnerRole.BACKUP and (among is None or s.user_id in among)), None)
    backup = backup if role in LEADING else None
    wanted = max(2 - len(stay), int(role == OwnerRole.PRIMARY and backup is None))
    seated = {seat.user_id for seat in stay}
    free = [chief for chief in chiefs if chief.pk not in seated][: max(wanted, 0)]
    return Succession(agent, backup, tuple(free), paused=len(stay) + len(free) < 2)
