"""Who belongs to a team and as what; and what a person may change about themselves."""

import uuid

from django.db import transaction
from django.utils.translation import gettext as _

from agents.base.actors import SYSTEM
from agents.base.errors import Conflict, Invalid
from agents.people import verbs
from agents.people.clean import clean
from agents.people.enums import TeamRole
from agents.people.hooks import memberships_changed
from agents.people.locks import lock_teams, lock_users
from agents.people.models import Membership, Team, User
from agents.people.permissions import require_people_role
from agents.people.queries import current_team
from audit.actions import record


@transaction.atomic
def add_member(team: Team, user: User, role: str, *, actor: User | None = None) -> Membership:
    """The person joins the team; their grants follow. Without `actor` it is Rollcall itself: set-up or accepted link.

    Raises `NotAllowed` for an actor who may not give this role, `Conflict` when the person is already in.
    """
    if actor:
        require_people_role(actor, team.pk, role)
    lock_teams([team.pk])
    lock_users([user.pk])
    if Membership.objects.filter(team=team, user=user).exists():
        raise Conflict(_("%(user)s is already in the team.") % {"user": user}, "already_member")
    membership = Membership(team=team, user=user, role=role)
    clean(membership, "role")
    membership.save(force_insert=True)
    who = actor.actor if actor else SYSTEM
    record(verbs.MEMBER_ADDED, actor=who, team_id=team.pk, obj=user, role=role)
    tell(team.pk)
    return membership


@transaction.atomic
def change_role(membership: Membership, *, role: str, actor: User) -> Membership:
    """Another role in the same team; grants follow. The last active administrator stays one.

    Raises `NotAllowed`, `Invalid` for an unknown role, `Conflict` (code `last_administrator`, `not_a_member`).
    """
    lock_teams([membership.team_id])
    locked = lock_membership(membership)
    require_people_role(actor, locked.team_id, role, locked.role)
    if locked.role == role:
        return locked
    if locked.role == TeamRole.ADMINISTRATOR:
        _keep_an_administrator(locked)
    before, locked.role = locked.role, role
    clean(locked, "role")
    locked.save(update_fields=["role"])
    record(verbs.ROLE_CHANGED, actor=actor.actor, team_id=locked.team_id, obj=locked.user, role=role, before=before)
    tell(locked.team_id)
    return locked


def lock_membership(membership: Membership) -> Membership:
    """The row as it is now; its team must be locked already. Raises `Conflict` when the person left the team."""
    rows = Membership.objects.select_related("user").select_for_update(of=("self",))
    if locked := rows.filter(pk=membership.pk).first():
        return locked
    raise Conflict(_("This person is no longer in the team."), "not_a_member")


def _keep_an_administrator(leaving: Membership) -> None:
    others = Membership.objects.filter(team=leaving.team_id, role=TeamRole.ADMINISTRATOR, user__is_active=True).exclude(
        pk=leaving.pk
    )
    if not others.exists():
        raise Conflict(_("A team keeps one administrator: make somebody else one first."), "last_administrator")


def tell(team_id: uuid.UUID) -> None:
    """Let the apps above follow a changed membership, in this transaction."""
    for handler in memberships_changed:
        handler(team_id)


@transaction.atomic
def set_preferences(user: User, *, name: str, zone: str, language: str, day_minutes: int | None = None) -> User:
    """How the person is called, the clock and language they see, the minutes a day they have. Raises `Invalid`."""
    locked = lock_users([user.pk])[user.pk]
    if not locked.is_active:
        raise Invalid(_("This account may not sign in."), "inactive")
    locked.name, locked.zone, locked.language = name.strip(), zone, language
    locked.day_minutes = day_minutes or locked.day_minutes
    clean(locked, "name", "zone", "language", "day_minutes")
    locked.save(update_fields=["name", "zone", "language", "day_minutes"])
    team = current_team(locked, None)
    record(
        verbs.PREFERENCES_SET,
        actor=locked.actor,
        team_id=team.pk if team else None,
        obj=locked,
        name=locked.name,
        zone=zone,
        language=language,
        day_minutes=locked.day_minutes,
    )
    return locked
