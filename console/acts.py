"""What people do with their own account, into the trail: the libraries tell of it by signals only."""

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from agents.base.actors import SYSTEM
from agents.people import verbs
from agents.people.models import Membership, User
from agents.people.queries import current_team
from audit.actions import record
from console.accounts import tried_address
from console.refusals import first_this_minute


def connect() -> None:
    """Listen to Django, allauth and axes; once per process."""
    user_logged_in.connect(_signed_in)
    user_logged_out.connect(_signed_out)
    user_login_failed.connect(_failed)
    user_locked_out.connect(_locked_out)
    authentication_failed.connect(_wrong_code)
    for signal in (password_changed, password_reset, password_set):
        signal.connect(_password_changed)
    for signal in (authenticator_added, authenticator_reset):
        signal.connect(_factor_added)
    authenticator_removed.connect(_factor_removed)


def _note(verb: str, user: User, request: HttpRequest, **data: Any) -> None:
    team = current_team(user, request.session.get("team"))
    record(verb, actor=user.actor, team_id=team.pk if team else None, obj=user, **data)


def _signed_in(request: HttpRequest, user: User, **told: Any) -> None:
    _note(verbs.SIGNED_IN, user, request)


def _signed_out(request: HttpRequest, user: User | None, **told: Any) -> None:
    if user is not None:
        _note(verbs.SIGNED_OUT, user, request)


def _password_changed(request: HttpRequest, user: User, **told: Any) -> None:
    _note(verbs.PASSWORD_CHANGED, user, request)


def _factor_added(request: HttpRequest, user: User, authenticator: Authenticator, **told: Any) -> None:
    codes = authenticator.type == Authenticator.Type.RECOVERY_CODES
    _note(verbs.CODES_MADE if codes else verbs.FACTOR_ADDED, user, request, factor=authenticator.type)


def _factor_removed(request: HttpRequest, user: User, authenticator: Authenticator, **told: Any) -> None:
    _note(verbs.FACTOR_REMOVED, user, request, factor=authenticator.type)


def _failed(credentials: dict[str, Any], request: HttpRequest, **told: Any) -> None:
    _somebody(verbs.SIGN_IN_FAILED, tried_address(request, credentials))


def _wrong_code(user: User, authenticator: Authenticator, **told: Any) -> None:
    _somebody(verbs.SIGN_IN_FAILED, user.email, factor=authenticator.type)


def _locked_out(request: HttpRequest, username: str, ip_address: str, **told: Any) -> None:
    if first_this_minute("locked", username, ip_address):
        _somebody(verbs.LOCKED_OUT, username)


def _somebody(verb: str, address: str, **data: Any) -> None:
    """An event of whoever tried to be the person of this address.

    An address nobody has is told by a keyed hash only: it may be somebody's who has nothing to do with us, or a
    password in the wrong field. One query for both, so that the time it takes does not tell who has an account.
    """
    rows = Membership.objects.filter(user__email__iexact=address).select_related("user")
    known = rows.order_by("since", "pk").first()
    if known:
        record(verb, actor=SYSTEM, team_id=known.team_id, obj=known.user, address=address, **data)
    else:
        record(verb, actor=SYSTEM, team_id=None, address_hash=_pseudonym(address), **data)


def _pseudonym(address: str) -> str:
    """The same for the same address, and nothing to somebody without the secret key."""
    return salted_hmac("console.acts", address, algorithm="sha256").hexdigest()[:16]
