"""API tokens: hashed, scoped, expiring, and dead with whoever made them."""

import datetime as dt
import hashlib

import pytest
from django.utils import timezone

from agents.base.errors import Invalid, NotAllowed
from agents.people.actions import authenticate_token, create_token, revoke_token
from agents.people.models import ApiToken, Membership, User
from tests.cast import Cast


def make(cast: Cast, user: User | None = None, days: int = 30) -> tuple[ApiToken, str]:
    person = user or cast.owner
    return create_token(cast.team, person, name="ci", scopes=["read", "review"], days=days, actor=person)


def test_the_secret_is_shown_once_and_only_its_hash_is_kept(cast: Cast) -> None:
    token, secret = make(cast)
    assert (secret[:3], len(secret), token.prefix) == ("rc_", 46, secret[:12])
    kept = ApiToken.objects.values().get(pk=token.pk)
    assert kept["sha256"] == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in str(kept)


def test_a_token_opens_the_door_for_its_person_and_team(cast: Cast) -> None:
    token, secret = make(cast)
    found = authenticate_token(secret)
    assert found == token
    assert (found.user, found.team, found.scopes) == (cast.owner, cast.team, ["read", "review"])


def test_its_last_use_is_stamped_once_a_minute(cast: Cast) -> None:
    token, secret = make(cast)
    authenticate_token(secret)
    first = ApiToken.objects.get(pk=token.pk).last_used_at
    authenticate_token(secret)
    assert first is not None
    assert ApiToken.objects.get(pk=token.pk).last_used_at == first


@pytest.mark.parametrize("secret", ["", "rc_", "rc_" + "x" * 43, "\udce9", "rc_é\x00"])
def test_an_unknown_secret_opens_nothing(cast: Cast, secret: str) -> None:
    make(cast)
    assert authenticate_token(secret) is None


def test_an_expired_token_opens_nothing(cast: Cast) -> None:
    _token, secret = make(cast)
    ApiToken.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert authenticate_token(secret) is None


def test_a_former_member_or_inactive_person_opens_nothing(cast: Cast) -> None:
    _token, secret = make(cast)
    User.objects.filter(pk=cast.backup.pk).update(is_active=False)
    _token, other = make(cast, cast.manager)
    Membership.objects.filter(user=cast.manager).delete()
    User.objects.filter(pk=cast.owner.pk).update(is_active=False)
    assert (authenticate_token(secret), authenticate_token(other)) == (None, None)
    User.objects.filter(pk=cast.owner.pk).update(is_active=True)


def test_a_seat_in_another_team_lends_a_token_neither_its_role_nor_its_life(cast: Cast) -> None:
    _token, secret = make(cast)
    Membership.objects.create(team=cast.rival_team, user=cast.owner, role="chief", since=cast.team.created_at)
    found = authenticate_token(secret)
    assert found is not None
    assert (found.team, found.role) == (cast.team, "manager")  # type: ignore[attr-defined]
    Membership.objects.filter(user=cast.owner, team=cast.team).delete()
    assert authenticate_token(secret) is None


def test_a_revoked_token_opens_nothing(cast: Cast) -> None:
    for revoker in (cast.owner, cast.chief, cast.administrator):
        token, secret = make(cast)
        revoke_token(token, actor=revoker)
        assert authenticate_token(secret) is None


@pytest.mark.parametrize("person", ["second", "engineer", "rival"])
def test_others_do_not_revoke_it(cast: Cast, person: str) -> None:
    token, secret = make(cast)
    with pytest.raises(NotAllowed):
        revoke_token(token, actor=getattr(cast, person))
    assert authenticate_token(secret) == token


@pytest.mark.parametrize(
    ("scopes", "days", "name", "field"),
    [
        ([], 30, "ci", "scopes"),
        (["root"], 30, "ci", "scopes"),
        (["read"], 0, "ci", "days"),
        (["read"], 366, "ci", "days"),
        (["read"], 30, "", "name"),
        (["read"], 30, "x" * 81, "name"),
    ],
)
def test_a_token_that_cannot_be_is_refused(cast: Cast, scopes: list[str], days: int, name: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        create_token(cast.team, cast.owner, name=name, scopes=scopes, days=days, actor=cast.owner)
    assert list(refused.value.fields) == [field]


def test_nobody_makes_a_token_for_somebody_else_or_elsewhere(cast: Cast) -> None:
    for team, user, actor in (
        (cast.team, cast.owner, cast.administrator),
        (cast.rival_team, cast.owner, cast.owner),
    ):
        with pytest.raises(NotAllowed):
            create_token(team, user, name="ci", scopes=["read"], days=1, actor=actor)
