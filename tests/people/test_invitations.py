"""People come in by a link: it works once, for seven days, for one address, and takes nobody's account over."""

import datetime as dt
import hashlib

import pytest
from django.utils import timezone

from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.fleet.enums import Verb
from agents.fleet.permissions import agents_for
from agents.people.actions import accept_invitation, invite, revoke_invitation
from agents.people.enums import TeamRole
from agents.people.models import Invitation, Membership, User
from agents.people.queries import pending_invitations, role_in
from tests.cast import PASSWORD, Cast

NEW = "New.Person@Example.com"


def invited(cast: Cast, email: str = NEW, role: str = TeamRole.MANAGER, actor: User | None = None) -> str:
    _invitation, token = invite(cast.team, email=email, role=role, actor=actor or cast.chief)
    return token


def accept(token: str, **given: str) -> User:
    person = {"name": "Nia", "password": PASSWORD, "zone": "Europe/Madrid", "language": "es", **given}
    return accept_invitation(token, **person)  # type: ignore[arg-type]


def test_an_invited_person_joins_with_an_account_of_their_own(cast: Cast) -> None:
    user = accept(invited(cast))
    assert (user.email, user.zone, user.language) == ("new.person@example.com", "Europe/Madrid", "es")
    assert user.check_password(PASSWORD)
    assert role_in(user, cast.team.pk) == TeamRole.MANAGER


def test_grants_follow_the_role_of_the_invitation(cast: Cast) -> None:
    user = accept(invited(cast, role=TeamRole.CHIEF, actor=cast.administrator))
    assert cast.agent in agents_for(user, Verb.BROADCAST)


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": TeamRole.MANAGER}, {}])
def test_a_link_does_not_outlive_the_right_of_who_made_it(cast: Cast, change: dict[str, object]) -> None:
    token = invited(cast, role=TeamRole.ADMINISTRATOR, actor=cast.administrator)
    made_by = Membership.objects.filter(user=cast.administrator)
    if "is_active" in change:
        User.objects.filter(pk=cast.administrator.pk).update(**change)
    elif change:
        made_by.update(**change)
    else:
        made_by.delete()
    with pytest.raises(Invalid) as refused:
        accept(token)
    assert refused.value.code == "invitation"


def test_only_the_hash_of_the_link_is_kept(cast: Cast) -> None:
    token = invited(cast)
    kept = Invitation.objects.values().get()
    assert kept["sha256"] == hashlib.sha256(token.encode()).hexdigest()
    assert token not in str(kept)


def test_a_link_works_once(cast: Cast) -> None:
    token = invited(cast)
    accept(token)
    with pytest.raises(Invalid) as refused:
        accept(token)
    assert refused.value.code == "invitation"


def test_unknown_expired_and_revoked_links_answer_alike(cast: Cast) -> None:
    late, back = invited(cast), invited(cast, "other@example.com")
    Invitation.objects.filter(email="new.person@example.com").update(expires_at=timezone.now())
    revoke_invitation(Invitation.objects.get(email="other@example.com"), actor=cast.chief)
    answers = []
    for token in ("nonsense", late, back):
        with pytest.raises(Invalid) as refused:
            accept(token)
        answers.append((refused.value.message, refused.value.code))
    assert len(set(answers)) == 1


def test_a_link_lasts_seven_days(cast: Cast) -> None:
    invited(cast)
    left = Invitation.objects.get().expires_at - timezone.now()
    assert dt.timedelta(days=6, hours=23) < left <= dt.timedelta(days=7)


def test_a_second_invitation_replaces_the_first(cast: Cast) -> None:
    first, second = invited(cast), invited(cast, NEW.lower())
    with pytest.raises(Invalid):
        accept(first)
    assert accept(second).email == NEW.lower()


@pytest.mark.parametrize("email", ["rita@contoso.example", "RITA@contoso.example"])
def test_whoever_has_an_account_must_be_signed_in_to_it(cast: Cast, email: str) -> None:
    token = invited(cast, email)
    before = cast.rival.password
    with pytest.raises(Invalid) as refused:
        accept(token, password="a password of the attacker")
    assert refused.value.code == "sign_in_first"
    assert User.objects.get(pk=cast.rival.pk).password == before
    assert accept_invitation(token, signed_in=cast.rival) == cast.rival
    assert role_in(cast.rival, cast.team.pk) == TeamRole.MANAGER


def test_somebody_elses_link_is_of_no_use(cast: Cast) -> None:
    for email in ("rita@contoso.example", NEW):
        token = invited(cast, email)
        with pytest.raises(NotAllowed) as refused:
            accept_invitation(token, signed_in=cast.owner)
        assert refused.value.code == "other_account"


def test_a_revoked_account_does_not_come_back_by_link(cast: Cast) -> None:
    token = invited(cast, "rita@contoso.example")
    cast.rival.is_active = False
    User.objects.filter(pk=cast.rival.pk).update(is_active=False)
    with pytest.raises(NotAllowed):
        accept_invitation(token, signed_in=cast.rival)
    User.objects.filter(pk=cast.rival.pk).update(is_active=True)


@pytest.mark.parametrize("given", [{"password": "short"}, {"password": "password1234"}, {"name": ""}, {"zone": "Mars"}])
def test_a_person_that_cannot_be_is_refused_and_the_link_still_works(cast: Cast, given: dict[str, str]) -> None:
    token = invited(cast)
    with pytest.raises(Invalid) as refused:
        accept(token, **given)
    assert list(refused.value.fields) == list(given)
    assert accept(token).name == "Nia"


@pytest.mark.parametrize("person", ["owner", "engineer", "auditor", "rival"])
def test_only_the_administrator_and_the_chief_invite(cast: Cast, person: str) -> None:
    with pytest.raises(NotAllowed):
        invited(cast, actor=getattr(cast, person))


def test_only_an_administrator_makes_administrators(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        invited(cast, role=TeamRole.ADMINISTRATOR, actor=cast.chief)
    user = accept(invited(cast, role=TeamRole.ADMINISTRATOR, actor=cast.administrator))
    assert role_in(user, cast.team.pk) == TeamRole.ADMINISTRATOR


def test_a_member_is_not_invited_again(cast: Cast) -> None:
    with pytest.raises(Conflict) as refused:
        invited(cast, "DEV@northwind.example")
    assert refused.value.code == "already_member"


@pytest.mark.parametrize(("email", "role"), [("nobody", "manager"), ("", "manager"), (NEW, "king")])
def test_an_invitation_that_cannot_be_is_refused(cast: Cast, email: str, role: str) -> None:
    with pytest.raises(Invalid):
        invited(cast, email, role)


def test_an_accepted_invitation_cannot_be_revoked(cast: Cast) -> None:
    accept(invited(cast))
    revoke_invitation(Invitation.objects.get(), actor=cast.chief)
    assert Invitation.objects.get().revoked_at is None
    assert Membership.objects.filter(team=cast.team, user__email=NEW.lower()).exists()


def test_pending_invitations_are_those_that_still_work(cast: Cast) -> None:
    invited(cast)
    accept(invited(cast, "b@example.com"))
    assert [one.email for one in pending_invitations(cast.team)] == [NEW.lower()]
