"""Whoever lost a password or a device gets others, by somebody who may decide about them in every team they are in."""

from django.db import transaction
from django.utils.translation import gettext as _

from agents.base.errors import Conflict
from agents.people import verbs
from agents.people.actions.members import lock_membership
from agents.people.locks import lock_teams, lock_users
from agents.people.models import Membership, User
from agents.people.permissions import require_people_role
from audit.actions import record


@transaction.atomic
def take_credentials(membership: Membership, *, actor: User) -> User:
    """The person's password stops working, and every session with it; tokens of machines do not.

    Raises `NotAllowed`, also for who may not decide about them in another team; `Conflict` for oneself, for whose
    sign-in was revoked (`inactive`), and for who left the team.
    """
    lock_teams([membership.team_id])
    user = lock_users([lock_membership(membership).user_id])[membership.user_id]
    for each in Membership.objects.filter(user=user):
        require_people_role(actor, each.team_id, each.role)
    if user == actor:
        raise Conflict(_("Change your own password and second factor in the settings."), "oneself")
    if not user.is_active:
        raise Conflict(_("Sign-in was revoked for this account."), "inactive")
    user.set_unusable_password()
    user.save(update_fields=["password"])
    record(verbs.CREDENTIALS_TAKEN, actor=actor.actor, team_id=membership.team_id, obj=user)
    return user
