"""How people come in: a link that one colleague copies to another."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.people import verbs
from agents.people.actions.accounts import new_user, normal
from agents.people.actions.members import add_member
from agents.people.clean import clean
from agents.people.locks import lock_teams
from agents.people.models import Invitation, Membership, Team, User
from agents.people.permissions import may_give, require_people_role
from agents.people.queries import pending_invitations
from agents.people.secrets import digest, new_secret
from audit.actions import record

VALID_FOR = timedelta(days=7)


@transaction.atomic
def invite(team: Team, *, email: str, role: str, actor: User) -> tuple[Invitation, str]:
    """The invitation and the token of its link, shown once: only its hash is kept. It works for seven days.

    A second invitation of the same address replaces the first. Raises `NotAllowed`, `Invalid`, `Conflict`.
    """
    require_people_role(actor, team.pk, role)
    lock_teams([team.pk])
    token = new_secret()
    invitation = Invitation(
        team=team,
        email=normal(email),
        role=role,
        sha256=digest(token),
        invited_by=actor,
        expires_at=timezone.now() + VALID_FOR,
    )
    clean(invitation, "email", "role")
    if Membership.objects.filter(team=team, user__email__iexact=invitation.email).exists():
        raise Conflict(_("%(email)s is already in the team.") % {"email": invitation.email}, "already_member")
    for earlier in pending_invitations(team).filter(email=invitation.email):
        _revoke(earlier, actor)
    invitation.save(force_insert=True)
    record(verbs.INVITED, actor=actor.actor, team_id=team.pk, obj=invitation, role=role)
    return invitation, token


@transaction.atomic
def revoke_invitation(invitation: Invitation, *, actor: User) -> None:
    """The link stops working; one that was used, or has already stopped, stays as it is. Raises `NotAllowed`."""
    require_people_role(actor, invitation.team_id, invitation.role)
    lock_teams([invitation.team_id])
    if pending := pending_invitations(invitation.team).filter(pk=invitation.pk).first():
        _revoke(pending, actor)


def _revoke(invitation: Invitation, actor: User) -> None:
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    record(verbs.INVITATION_REVOKED, actor=actor.actor, team_id=invitation.team_id, obj=invitation)


def find_invitation(token: str) -> Invitation:
    """The invitation of a link. Raises `Invalid` (code `invitation`), the same for unknown, used, revoked, expired,
    and when who invited may no longer give this role: a link must not outlive the right behind it.
    """
    found = Invitation.objects.filter(
        sha256=digest(token), accepted_at=None, revoked_at=None, expires_at__gt=timezone.now()
    )
    invitation = found.select_related("team", "invited_by").first()
    if invitation is None or not may_give(invitation.invited_by, invitation.team_id, invitation.role):
        raise Invalid(_("This link no longer works. Ask for a new one."), "invitation")
    return invitation


@transaction.atomic
def accept_invitation(
    token: str,
    *,
    name: str = "",
    password: str = "",
    zone: str = "UTC",
    language: str = "en",
    signed_in: User | None = None,
) -> User:
    """The invited person, with an account, in the team with the role of the invitation.

    Whoever already has an account joins by being `signed_in` to it, second factor and lockout included: a link is no
    proof of who one is, and a password typed here would go round both. Raises `Invalid` (codes `invitation`,
    `sign_in_first`), `NotAllowed` for somebody signed in with another address.
    """
    lock_teams([find_invitation(token).team_id])
    # Again, now that nobody else can use the same link.
    invitation = find_invitation(token)
    user = _known(invitation, signed_in) or new_user(
        invitation.email, password, name=name, zone=zone, language=language
    )
    add_member(invitation.team, user, invitation.role)
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    record(verbs.INVITATION_ACCEPTED, actor=user.actor, team_id=invitation.team_id, obj=invitation)
    return user


def _known(invitation: Invitation, signed_in: User | None) -> User | None:
    known = User.objects.filter(email__iexact=invitation.email).first()
    if signed_in and signed_in != known:
        raise NotAllowed(
            _("This link is for %(email)s; sign out first.") % {"email": invitation.email}, "other_account"
        )
    if known and not signed_in:
        raise Invalid(_("You already have an account: sign in, then open the link again."), "sign_in_first")
    if known and not known.is_active:
        raise NotAllowed(_("Sign-in was revoked for this account."), "inactive")
    return known
