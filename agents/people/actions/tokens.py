"""Bearer tokens for machines: hashed, scoped, expiring, recognisable by their first characters."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.errors import Invalid, NotAllowed
from agents.base.rows import columns, load
from agents.base.sql import first
from agents.people import verbs
from agents.people.clean import clean
from agents.people.enums import TeamRole, TokenScope
from agents.people.models import ApiToken, Team, User
from agents.people.permissions import PEOPLE_ROLES, holds
from agents.people.secrets import digest, new_secret
from audit.actions import record

MAX_DAYS = 365
# Often enough to see whether a token is in use, seldom enough not to write on every call.
STAMP_EVERY = timedelta(minutes=1)
# As rows: every call of a machine asks it, and the ORM takes five times as long to write it as PostgreSQL to answer.
LIVE = f"""
SELECT {columns(ApiToken, "k")}, {columns(User, "u")}, {columns(Team, "t")}, m.role
FROM people_apitoken k JOIN people_team t ON t.id = k.team_id JOIN people_user u ON u.id = k.user_id AND u.is_active
JOIN people_membership m ON m.team_id = k.team_id AND m.user_id = k.user_id
WHERE k.sha256 = %s AND k.revoked_at IS NULL AND k.expires_at > %s
"""


@transaction.atomic
def create_token(
    team: Team, user: User, *, name: str, scopes: Sequence[str], days: int, actor: User
) -> tuple[ApiToken, str]:
    """The token and its secret, shown once. People make tokens for themselves only, for at most 365 days.

    Raises `NotAllowed`, `Invalid` with the field that is wrong.
    """
    if actor != user or not holds(user, team.pk, TeamRole.values):
        raise NotAllowed(_("People make tokens for themselves, in a team they belong to."), "own_tokens_only")
    _check(scopes, days)
    secret = new_secret("rc_")
    token = ApiToken(
        team=team,
        user=user,
        name=name.strip(),
        prefix=secret[:12],
        sha256=digest(secret),
        scopes=sorted(set(scopes)),
        expires_at=timezone.now() + timedelta(days=days),
    )
    clean(token, "name")
    token.save(force_insert=True)
    record(
        verbs.TOKEN_CREATED,
        actor=actor.actor,
        team_id=team.pk,
        obj=token,
        scopes=token.scopes,
        expires_at=token.expires_at,
    )
    return token, secret


def _check(scopes: Sequence[str], days: int) -> None:
    problems = {}
    if not scopes or not set(scopes) <= set(TokenScope.values):
        problems["scopes"] = [_("Choose at least one scope from the list.")]
    if not 1 <= days <= MAX_DAYS:
        problems["days"] = [_("Between 1 and %(most)s days.") % {"most": MAX_DAYS}]
    if problems:
        raise Invalid(_("Please correct what is marked."), fields=problems)


@transaction.atomic
def revoke_token(token: ApiToken, *, actor: User) -> None:
    """The token stops working with the next call. Its person may, and whoever decides about people in the team."""
    if actor.pk != token.user_id and not holds(actor, token.team_id, PEOPLE_ROLES):
        raise NotAllowed(_("Only its owner, an administrator or the Chief Agent Officer may revoke a token."), "token")
    revoke_all(ApiToken.objects.filter(pk=token.pk), actor)


def revoke_all(tokens: QuerySet[ApiToken], actor: User) -> None:
    """Revoke those that still work, an event each; for actions that already know the actor may."""
    for token in tokens.filter(revoked_at=None).order_by("pk").select_for_update():
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        record(verbs.TOKEN_REVOKED, actor=actor.actor, team_id=token.team_id, obj=token)


def authenticate_token(secret: str) -> ApiToken | None:
    """The token with its person, team and the person's `role` in it.

    None when it is unknown, expired or revoked, or its person inactive or gone.
    """
    now = timezone.now()
    row = first(LIVE, [digest(secret), now])
    if row is None:
        return None
    token, row = load(ApiToken, row)
    token.user, row = load(User, row)
    token.team, (token.role,) = load(Team, row)  # type: ignore[attr-defined]
    if token.last_used_at is None or token.last_used_at < now - STAMP_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token
