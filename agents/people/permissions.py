"""Who may change the team itself. What people may do with agents is asked in fleet.permissions."""

import uuid
from collections.abc import Collection

from django.utils.translation import gettext as _

from agents.base.errors import Conflict, NotAllowed
from agents.people.enums import TeamRole
from agents.people.models import Membership, User

# The brief: the administrator and the Chief Agent Officer decide who is in; only an administrator makes or unmakes one.
PEOPLE_ROLES = (TeamRole.ADMINISTRATOR, TeamRole.CHIEF)

SEES_PERSONAL = (TeamRole.CHIEF, TeamRole.MANAGER, TeamRole.HUMAN_AGENT)
"""Whose work is with customers: they see personal data as they are."""
MAY_REVEAL = (TeamRole.ADMINISTRATOR, TeamRole.OPERATIONS, TeamRole.ENGINEER, TeamRole.AUDITOR)
"""Who sees them masked, and may have them shown for a reason, which the trail keeps; everybody else never does."""


def holds(user: User, team_id: uuid.UUID, roles: Collection[str]) -> bool:
    """True for an active member with one of these roles."""
    rows = Membership.objects.filter(team_id=team_id, user=user, user__is_active=True, role__in=roles)
    return rows.exists()


def may_give(user: User, team_id: uuid.UUID, *roles: str) -> bool:
    """True when the person may give and take every one of these roles in the team."""
    return holds(user, team_id, (TeamRole.ADMINISTRATOR,) if TeamRole.ADMINISTRATOR in roles else PEOPLE_ROLES)


def require_people_role(actor: User, team_id: uuid.UUID, *roles: str) -> None:
    """Raises `NotAllowed` unless the actor may give and take every one of these roles in the team."""
    if may_give(actor, team_id, *roles):
        return
    if TeamRole.ADMINISTRATOR in roles:
        raise NotAllowed(_("Only an administrator may do this for an administrator."), "administrator_only")
    raise NotAllowed(_("Only an administrator or the Chief Agent Officer may do this."), "people_role")


def require_for(user: User, actor: User) -> None:
    """Raises `NotAllowed` unless the actor is this person or leads their team, `Conflict` when they are in none."""
    if actor == user:
        return
    mine = Membership.objects.filter(user=actor, role__in=PEOPLE_ROLES).values("team")
    shared = Membership.objects.filter(user=user, team__in=mine).first()
    team = shared or Membership.objects.filter(user=user).order_by("team").first()
    if team is None:
        raise Conflict(_("This person is no longer in the team."), "not_a_member")
    require_people_role(actor, team.team_id)
