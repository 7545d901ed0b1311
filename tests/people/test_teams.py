"""Teams, their first person, roles that change, and preferences."""

from typing import Any

import pytest

from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.fleet.enums import Verb
from agents.fleet.invariants import grants
from agents.fleet.permissions import agents_for
from agents.people import verbs
from agents.people.actions import add_member, change_role, create_administrator, create_team, set_preferences
from agents.people.enums import TeamRole
from agents.people.models import Membership, Team, User
from agents.people.queries import members, role_in
from tests.cast import PASSWORD, Cast
from tests.fleet.trail import events


@pytest.mark.django_db
def test_a_company_starts_with_its_administrator() -> None:
    team = create_team("Años Felices S.A.", zone="Europe/Madrid", currency="EUR")
    user = create_administrator("Ana@Example.com", "Ana", PASSWORD, team)
    assert (team.slug, user.email, user.zone) == ("anos-felices-sa", "ana@example.com", "Europe/Madrid")
    assert role_in(user, team.pk) == TeamRole.ADMINISTRATOR


def test_a_team_that_has_people_gets_no_other_first_person(cast: Cast) -> None:
    with pytest.raises(Conflict) as refused:
        create_administrator("x@example.com", "X", PASSWORD, cast.team)
    assert refused.value.code == "already_set_up"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"zone": "Mars"}, "zone"),
        ({"currency": "eur"}, "currency"),
        ({"name": "客服"}, "slug"),
    ],
)
def test_a_team_that_cannot_be_is_refused(given: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        create_team(**{"name": "Acme", **given})  # type: ignore[arg-type]
    assert field in refused.value.fields
    assert not Team.objects.exists()


def test_a_team_name_is_taken_once(cast: Cast) -> None:
    with pytest.raises(Conflict):
        create_team("Northwind")


def test_an_address_has_one_account(cast: Cast) -> None:
    team = create_team("Acme")
    with pytest.raises(Invalid) as refused:
        create_administrator("AMELIA@northwind.example", "Amelia", PASSWORD, team)
    assert refused.value.code == "email_taken"


def member(cast: Cast, user: User) -> Membership:
    return Membership.objects.get(team=cast.team, user=user)


def test_grants_follow_a_role_that_changes(cast: Cast) -> None:
    change_role(member(cast, cast.manager), role=TeamRole.CHIEF, actor=cast.administrator)
    assert cast.agent in agents_for(cast.manager, Verb.BROADCAST)
    change_role(member(cast, cast.manager), role=TeamRole.MANAGER, actor=cast.administrator)
    assert cast.agent not in agents_for(cast.manager, Verb.VIEW)
    assert [(event["before"], event["role"]) for event in events(verbs.ROLE_CHANGED)] == [
        ("manager", "chief"),
        ("chief", "manager"),
    ]
    assert grants() == []


@pytest.mark.parametrize(
    ("person", "role", "actor"),
    [
        ("manager", "administrator", "chief"),
        ("administrator", "manager", "chief"),
        ("manager", "chief", "owner"),
        ("manager", "chief", "rival"),
    ],
)
def test_who_may_not_give_a_role_is_refused(cast: Cast, person: str, role: str, actor: str) -> None:
    before = role_in(getattr(cast, person), cast.team.pk)
    with pytest.raises(NotAllowed):
        change_role(member(cast, getattr(cast, person)), role=role, actor=getattr(cast, actor))
    assert role_in(getattr(cast, person), cast.team.pk) == before


def test_the_last_administrator_stays_one(cast: Cast) -> None:
    with pytest.raises(Conflict) as refused:
        change_role(member(cast, cast.administrator), role=TeamRole.CHIEF, actor=cast.administrator)
    assert refused.value.code == "last_administrator"
    change_role(member(cast, cast.chief), role=TeamRole.ADMINISTRATOR, actor=cast.administrator)
    change_role(member(cast, cast.administrator), role=TeamRole.CHIEF, actor=cast.administrator)
    assert role_in(cast.administrator, cast.team.pk) == TeamRole.CHIEF


def test_an_unknown_role_is_refused(cast: Cast) -> None:
    with pytest.raises(Invalid):
        change_role(member(cast, cast.manager), role="king", actor=cast.chief)


def test_the_role_of_somebody_who_left_meanwhile_does_not_change(cast: Cast) -> None:
    gone = member(cast, cast.manager)
    Membership.objects.filter(pk=gone.pk).delete()
    with pytest.raises(Conflict) as refused:
        change_role(gone, role=TeamRole.CHIEF, actor=cast.administrator)
    assert refused.value.code == "not_a_member"


def test_a_member_is_added_once(cast: Cast) -> None:
    add_member(cast.team, cast.rival, TeamRole.AUDITOR, actor=cast.chief)
    with pytest.raises(Conflict):
        add_member(cast.team, cast.rival, TeamRole.AUDITOR, actor=cast.chief)
    with pytest.raises(NotAllowed):
        add_member(cast.rival_team, cast.owner, TeamRole.CHIEF, actor=cast.owner)
    assert cast.agent in agents_for(cast.rival, Verb.VIEW)


def test_members_are_listed_active_first(cast: Cast) -> None:
    User.objects.filter(pk=cast.auditor.pk).update(is_active=False)
    names = [one.user.name for one in members(cast.team)]
    assert (names[:2], names[-1]) == (["Ada", "Amelia"], "Aron")


def test_people_choose_their_name_clock_and_language(cast: Cast) -> None:
    user = set_preferences(cast.owner, name=" Amelia E. ", zone="America/Bogota", language="pt-br")
    assert (user.name, user.zone, user.language) == ("Amelia E.", "America/Bogota", "pt-br")
    assert events(verbs.PREFERENCES_SET)[0]["zone"] == "America/Bogota"


@pytest.mark.parametrize("given", [{"name": "\x00"}, {"name": ""}, {"zone": "Mars"}, {"language": "tlh"}])
def test_preferences_that_cannot_be_are_refused(cast: Cast, given: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        set_preferences(cast.owner, **{"name": "A", "zone": "UTC", "language": "en", **given})
    assert list(refused.value.fields) == list(given)
