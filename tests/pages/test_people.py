"""Who is in the team: invited by a link, given a role, and out again at once."""

import re

import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from agents.fleet.enums import Lifecycle, OwnerRole
from agents.fleet.models import AgentOwner
from agents.people.enums import TeamRole
from agents.people.models import Invitation, Membership, User
from tests.cast import PASSWORD, Cast, make_user, settle
from tests.pages.conftest import SignIn

# Session, person, team, sidebar, role, administrator; members, invitations.
QUERIES = 8


def member(cast: Cast, user: User) -> str:
    return f"/people/{Membership.objects.get(team=cast.team, user=user).pk}/"


def invited(client: Client, email: str = "new@northwind.example", role: str = "manager") -> str:
    """The path of a fresh link."""
    page = client.post("/people/invite/", {"email": email, "role": role}).content.decode()
    found = re.search(r'value="http://testserver(/join/[^"]+)"', page)
    assert found is not None, page
    return found[1]


@pytest.mark.parametrize("more", [0, 2])
def test_the_page_costs_the_same_however_many_people(
    cast: Cast, sign_in: SignIn, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(more):
        make_user(cast.team, f"More{n}", TeamRole.ENGINEER)
    client = sign_in(cast.administrator)
    with django_assert_num_queries(QUERIES):
        assert client.get("/people/").status_code == 200


@pytest.mark.parametrize(("who", "status"), [("administrator", 200), ("chief", 200), ("owner", 403), ("auditor", 403)])
def test_administrators_and_chiefs_decide_who_is_in(cast: Cast, sign_in: SignIn, who: str, status: int) -> None:
    client = sign_in(getattr(cast, who))
    assert client.get("/people/").status_code == status
    given = {"email": "x@northwind.example", "role": "manager"}
    assert client.post("/people/invite/", given).status_code == status


def test_the_link_is_shown_once_and_only_its_hash_is_kept(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.chief)
    token = invited(client).split("/")[2]
    page = client.get("/people/").content.decode()
    assert token not in page
    assert "new@northwind.example" in page
    assert Invitation.objects.get().sha256 != token


def test_somebody_new_joins_by_the_link_and_is_signed_in(cast: Cast, sign_in: SignIn, client: Client) -> None:
    path = invited(sign_in(cast.chief))
    assert "Join Northwind" in client.get(path).content.decode()
    given = {"name": "Nia", "password": PASSWORD, "zone": "Europe/Lisbon", "language": "pt-br"}
    assert client.post(path, given)["Location"] == "/"
    assert client.get("/").status_code == 200
    assert Membership.objects.get(user__email="new@northwind.example").role == TeamRole.MANAGER
    again = Client().get(path)
    assert again.status_code == 422
    assert "no longer works" in again.content.decode()


def test_a_weak_password_comes_back_with_what_was_typed(cast: Cast, sign_in: SignIn, client: Client) -> None:
    path = invited(sign_in(cast.chief))
    page = client.post(path, {"name": "Nia", "password": "short", "zone": "Europe/Lisbon", "language": "en"})
    assert page.status_code == 422
    assert 'value="Nia"' in page.content.decode()


def test_who_has_an_account_signs_in_first_and_then_confirms(cast: Cast, sign_in: SignIn, client: Client) -> None:
    path = invited(sign_in(cast.chief), cast.rival.email)
    assert client.get(path)["Location"].startswith("/accounts/login/")
    rival = sign_in(cast.rival)
    assert "Join Northwind" in rival.get(path).content.decode()
    rival.post(path)
    assert Membership.objects.filter(user=cast.rival, team=cast.team).exists()


def test_a_link_is_for_the_address_it_was_made_for(cast: Cast, sign_in: SignIn) -> None:
    path = invited(sign_in(cast.chief))
    assert sign_in(cast.rival).post(path).status_code == 403
    assert not User.objects.filter(email="new@northwind.example").exists()


def test_a_second_link_says_that_the_first_no_longer_works(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.administrator)
    told = "The earlier link for new@northwind.example no longer works."
    pages = [
        client.post("/people/invite/", {"email": email, "role": "manager"}).content.decode()
        for email in ("new@northwind.example", "New@Northwind.example")
    ]
    assert [told in page for page in pages] == [False, True]


def test_a_revoked_link_no_longer_works(cast: Cast, sign_in: SignIn, client: Client) -> None:
    chief = sign_in(cast.chief)
    path = invited(chief)
    chief.post(f"/people/invitations/{Invitation.objects.get().pk}/revoke/")
    assert client.get(path).status_code == 422


def test_another_team_s_link_cannot_be_revoked(cast: Cast, sign_in: SignIn) -> None:
    invited(sign_in(cast.chief))
    answer = sign_in(cast.rival).post(f"/people/invitations/{Invitation.objects.get().pk}/revoke/")
    assert answer.status_code == 404


def test_a_role_is_changed_and_the_last_administrator_stays(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.administrator)
    client.post(f"{member(cast, cast.manager)}role/", {"role": "auditor"})
    assert Membership.objects.get(user=cast.manager).role == TeamRole.AUDITOR
    refused = client.post(f"{member(cast, cast.administrator)}role/", {"role": "auditor"})
    assert refused.status_code == 409
    assert "A team keeps one administrator" in refused.content.decode()


def test_a_chief_makes_nobody_administrator(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.chief)
    assert client.post(f"{member(cast, cast.manager)}role/", {"role": "administrator"}).status_code == 403


def test_revoking_sign_in_says_first_what_will_happen(cast: Cast, sign_in: SignIn) -> None:
    AgentOwner.objects.filter(user=cast.backup).delete()
    page = sign_in(cast.administrator).get(f"{member(cast, cast.owner)}deactivate/").content.decode()
    assert "refund agent" in page
    assert "Carla will act as owner until somebody is appointed" in page
    cast.owner.refresh_from_db()
    assert cast.owner.is_active


def test_revoking_sign_in_takes_effect_at_once(cast: Cast, sign_in: SignIn) -> None:
    AgentOwner.objects.filter(user=cast.backup).delete()
    hers = sign_in(cast.owner)
    sign_in(cast.administrator).post(f"{member(cast, cast.owner)}deactivate/")
    assert hers.get("/").status_code == 302
    assert AgentOwner.objects.get(agent=cast.agent, acting=True).user == cast.chief
    cast.agent.refresh_from_db()
    assert cast.agent.lifecycle == Lifecycle.LIVE
    settle()


def test_where_nobody_can_follow_the_page_says_that_the_agent_is_paused(cast: Cast, sign_in: SignIn) -> None:
    AgentOwner.objects.exclude(role__in=[OwnerRole.PRIMARY, OwnerRole.SECOND]).delete()
    Membership.objects.filter(user=cast.chief).update(role=TeamRole.ENGINEER)
    page = sign_in(cast.administrator).get(f"{member(cast, cast.owner)}deactivate/").content.decode()
    assert "is paused: nobody else may own it" in page


def test_somebody_is_let_in_again(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.administrator)
    client.post(f"{member(cast, cast.manager)}deactivate/")
    assert "sign-in revoked" in client.get("/people/").content.decode()
    client.post(f"{member(cast, cast.manager)}reactivate/")
    cast.manager.refresh_from_db()
    assert cast.manager.is_active


def test_nobody_revokes_their_own_sign_in(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.administrator)
    assert client.post(f"{member(cast, cast.administrator)}deactivate/").status_code == 403


def test_people_of_another_company_are_not_there(cast: Cast, sign_in: SignIn) -> None:
    theirs = Membership.objects.get(user=cast.rival).pk
    assert sign_in(cast.administrator).post(f"/people/{theirs}/deactivate/").status_code == 404
