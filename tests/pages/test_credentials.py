"""Whoever lost a password or a device is let in again by a link, which an administrator or the chief makes."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from agents.base.errors import Conflict, NotAllowed
from agents.people import verbs
from agents.people.models import Membership, User
from audit.models import AuditEvent
from console.pages.people.credentials import new_credentials
from tests.cast import PASSWORD, Cast
from tests.pages.conftest import SignIn

FRESH = "fresh-words-for-the-new-phone"


def seat(user: User) -> Membership:
    return Membership.objects.get(user=user)


def address(user: User) -> str:
    return f"/people/{seat(user).pk}/credentials/"


def test_a_link_gives_another_password_and_asks_for_no_factor_that_is_lost(cast: Cast, sign_in: SignIn) -> None:
    TOTP.activate(cast.owner, "A" * 32)
    before, lead = sign_in(cast.owner), sign_in(cast.administrator)
    page = lead.post(address(cast.owner)).content.decode()
    link = re.search(r'value="http://testserver(/accounts/password/reset/key/[^"]+)"', page)
    assert link
    assert before.get("/").status_code == 302, "what was open elsewhere is closed"
    assert not Authenticator.objects.filter(user=cast.owner).exists()
    newcomer = Client()
    form = newcomer.get(link[1])["Location"]
    newcomer.post(form, {"password1": FRESH, "password2": FRESH})
    for password, status in ((PASSWORD, 200), (FRESH, 302)):
        given = {"login": cast.owner.email, "password": password}
        assert Client().post("/accounts/login/", given).status_code == status
    assert "Location" not in Client().get(link[1]), "it works once"
    assert link[1] not in lead.get("/people/").content.decode()


def test_the_trail_says_who_made_it_for_whom(cast: Cast) -> None:
    new_credentials(seat(cast.owner), actor=cast.chief)
    event = AuditEvent.objects.get(verb=verbs.CREDENTIALS_TAKEN)
    assert (event.actor_id, event.object_id, event.team_id) == (cast.chief.pk, cast.owner.pk, cast.team.pk)


@pytest.mark.parametrize("who", ["owner", "manager", "auditor"])
def test_others_make_no_such_link(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        new_credentials(seat(cast.second), actor=getattr(cast, who))


def test_a_chief_makes_none_for_an_administrator(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        new_credentials(seat(cast.administrator), actor=cast.chief)


def test_nobody_makes_one_for_somebody_who_works_where_they_may_not_decide(cast: Cast) -> None:
    Membership.objects.create(team=cast.rival_team, user=cast.owner, role="auditor")
    with pytest.raises(NotAllowed):
        new_credentials(Membership.objects.get(team=cast.team, user=cast.owner), actor=cast.administrator)
    assert cast.owner.check_password(PASSWORD)


def test_one_s_own_are_changed_in_the_settings(cast: Cast) -> None:
    with pytest.raises(Conflict):
        new_credentials(seat(cast.administrator), actor=cast.administrator)


def test_whose_sign_in_was_revoked_gets_none(cast: Cast) -> None:
    User.objects.filter(pk=cast.manager.pk).update(is_active=False)
    with pytest.raises(Conflict):
        new_credentials(seat(cast.manager), actor=cast.administrator)
