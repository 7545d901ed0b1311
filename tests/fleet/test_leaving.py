"""Sign-in can always be revoked at once: somebody acts, or the agent is paused (design.md §2)."""

from collections.abc import Iterator

import pytest
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.test import Client

from agents.base.errors import Conflict, NotAllowed
from agents.fleet import hooks, verbs
from agents.fleet.actions import deactivate_user, reactivate_user, remove_member, seat_owner, set_owners
from agents.fleet.enums import Lifecycle, OwnerRole
from agents.fleet.invariants import INVARIANTS
from agents.fleet.models import Agent, AgentOwner
from agents.fleet.permissions import sync_grants
from agents.fleet.queries import successions, unappointed
from agents.people import verbs as people_verbs
from agents.people.actions import authenticate_token, create_token
from agents.people.enums import TeamRole
from agents.people.models import Membership, User
from agents.runs.enums import ExceptionState, ItemState
from agents.runs.models import ReviewItem, RunException
from tests.cast import Cast, make_agent, make_user, settle
from tests.fleet.test_verbs import ALL
from tests.fleet.test_verbs import verbs as verbs_of
from tests.fleet.trail import events, owners_of

PRIMARY, SECOND, BACKUP, TRAINEE = OwnerRole
Told = list[tuple[str, str | None, str]]


@pytest.fixture
def told() -> Iterator[Told]:
    """What subscribers hear: (agent, who acts, who left)."""
    heard: Told = []

    def hear(agent: Agent, seat: AgentOwner | None, leaver: User) -> None:
        heard.append((agent.slug, seat.user.name if seat else None, leaver.name))

    hooks.acting_seat.append(hear)
    yield heard
    hooks.acting_seat.remove(hear)


def lifecycle(agent: Agent) -> str:
    return Agent.objects.get(pk=agent.pk).lifecycle


def assert_sound() -> None:
    settle()
    assert [problem for _name, check in INVARIANTS for problem in check()] == []


def test_the_named_backup_acts_for_the_primary(cast: Cast, told: Told) -> None:
    deactivate_user(cast.owner, actor=cast.chief)
    assert owners_of(cast.agent) == {
        "Amelia": ("primary", False),
        "Dev": ("second", False),
        "Bo": ("backup", True),
        "Tess": ("trainee", False),
    }
    assert told == [("refund-agent", "Bo", "Amelia")]
    assert (verbs_of(cast.backup, cast.agent), verbs_of(cast.owner, cast.agent)) == (ALL, set())
    assert lifecycle(cast.agent) == Lifecycle.LIVE
    assert_sound()


def test_without_a_backup_the_chief_acts(cast: Cast, told: Told) -> None:
    agent = make_agent(cast.team, "small", (cast.manager, PRIMARY), (cast.second, SECOND))
    deactivate_user(cast.manager, actor=cast.administrator)
    assert owners_of(agent)["Carla"] == ("second", True)
    assert told == [("small", "Carla", "Nora")]
    assert_sound()


def test_a_backup_who_leaves_two_behind_is_not_replaced(cast: Cast, told: Told) -> None:
    deactivate_user(cast.backup, actor=cast.chief)
    assert [seat for seat in owners_of(cast.agent).values() if seat[1]] == []
    assert told == []
    assert_sound()


def test_with_nobody_eligible_the_agent_is_paused(cast: Cast, told: Told) -> None:
    agent = make_agent(cast.team, "small", (cast.chief, PRIMARY), (cast.second, SECOND))
    deactivate_user(cast.second, actor=cast.chief)
    assert lifecycle(agent) == Lifecycle.PAUSED
    assert events(verbs.AGENT_PAUSED)[0]["reason"] == "Dev no longer answers for it, and nobody could take the place."
    assert told == [("refund-agent", "Bo", "Dev"), ("small", None, "Dev")]
    assert_sound()


def test_when_the_acting_chief_leaves_the_next_chief_acts(cast: Cast) -> None:
    agent = make_agent(cast.team, "small", (cast.manager, PRIMARY), (cast.second, SECOND))
    next_chief = make_user(cast.team, "Cora", TeamRole.CHIEF)
    deactivate_user(cast.manager, actor=cast.administrator)
    deactivate_user(cast.chief, actor=cast.administrator)
    assert owners_of(agent)["Cora"] == ("second", True)
    assert verbs_of(next_chief, agent) == ALL
    assert_sound()


def test_an_agent_that_is_not_live_waits_for_a_person(cast: Cast, told: Told) -> None:
    agent = make_agent(cast.team, "small", (cast.manager, PRIMARY), lifecycle=Lifecycle.ONBOARDING)
    deactivate_user(cast.manager, actor=cast.chief)
    assert (lifecycle(agent), told) == (Lifecycle.ONBOARDING, [])
    assert agent.slug in [cover.agent.slug for cover in unappointed(cast.team)]


def test_what_asks_for_an_owner_is_closed_once_two_are_appointed(cast: Cast) -> None:
    def asked() -> int:
        return RunException.objects.filter(cause="owner_left", state=ExceptionState.OPEN).count()

    other = make_agent(cast.team, "other", (cast.second, PRIMARY), (cast.manager, SECOND))
    deactivate_user(cast.second, actor=cast.chief)
    seat_owner(other, cast.trainee, TRAINEE, actor=cast.chief)
    assert asked() == 2, "a trainee never counts"
    set_owners([other], [(cast.manager, PRIMARY), (cast.backup, SECOND)], actor=cast.chief)
    assert asked() == 1
    reactivate_user(cast.second, actor=cast.chief)
    assert asked() == 0
    assert not ReviewItem.objects.exclude(state=ItemState.DECIDED).exists()


def test_what_is_shown_before_is_what_happens(cast: Cast, told: Told) -> None:
    make_agent(cast.team, "small", (cast.second, PRIMARY), (cast.chief, SECOND))
    make_agent(cast.team, "other", (cast.second, PRIMARY), (cast.manager, SECOND))
    shown = successions(cast.second, Agent.objects.filter(team=cast.team))
    expected = [(s.agent.slug, None if s.paused else s.acting[0].name, "Dev") for s in shown]
    assert {slug: name for slug, name, _leaver in expected} == {"refund-agent": "Bo", "small": None, "other": "Carla"}
    deactivate_user(cast.second, actor=cast.administrator)
    assert told == expected


def test_sessions_and_tokens_end_for_good(cast: Cast, client: Client) -> None:
    client.force_login(cast.second, backend="allauth.account.auth_backends.AuthenticationBackend")
    _token, secret = create_token(cast.team, cast.second, name="ci", scopes=["read"], days=1, actor=cast.second)
    request = HttpRequest()
    request.session = client.session
    assert get_user(request) == cast.second
    deactivate_user(cast.second, actor=cast.chief)
    assert (get_user(request).is_authenticated, authenticate_token(secret)) == (False, None)
    reactivate_user(cast.second, actor=cast.chief)
    assert (get_user(request).is_authenticated, authenticate_token(secret)) == (False, None)


def test_who_comes_back_has_the_seats_back_and_nobody_acts(cast: Cast) -> None:
    agent = make_agent(cast.team, "small", (cast.owner, PRIMARY), (cast.second, SECOND))
    before = owners_of(agent), owners_of(cast.agent), verbs_of(cast.owner, agent)
    deactivate_user(cast.owner, actor=cast.chief)
    reactivate_user(cast.owner, actor=cast.chief)
    cast.owner.refresh_from_db()
    assert (owners_of(agent), owners_of(cast.agent), verbs_of(cast.owner, agent)) == before
    assert_sound()


def test_somebody_still_away_keeps_the_acting_seat_filled(cast: Cast) -> None:
    agent = make_agent(cast.team, "small", (cast.owner, PRIMARY), (cast.manager, SECOND))
    make_user(cast.team, "Cora", TeamRole.CHIEF)
    for user in (cast.owner, cast.manager):
        deactivate_user(user, actor=cast.administrator)
    reactivate_user(cast.manager, actor=cast.administrator)
    acting = {name for name, (_role, acting) in owners_of(agent).items() if acting}
    assert acting == {"Carla", "Cora"}
    seat_owner(agent, cast.backup, PRIMARY, actor=cast.chief)
    assert {name for name, (_role, acting) in owners_of(agent).items() if acting} == set()
    assert_sound()


def test_twice_is_once(cast: Cast, told: Told) -> None:
    deactivate_user(cast.owner, actor=cast.chief)
    deactivate_user(cast.owner, actor=cast.chief)
    assert len(told) == len(events(people_verbs.DEACTIVATED)) == 1
    reactivate_user(cast.owner, actor=cast.chief)
    reactivate_user(cast.owner, actor=cast.chief)
    assert len(events(people_verbs.REACTIVATED)) == 1


@pytest.mark.parametrize("person", ["owner", "manager", "engineer", "auditor", "rival"])
def test_who_does_not_decide_about_people_is_refused(cast: Cast, person: str) -> None:
    with pytest.raises(NotAllowed):
        deactivate_user(cast.second, actor=getattr(cast, person))
    assert User.objects.get(pk=cast.second.pk).is_active


def test_only_an_administrator_revokes_an_administrator(cast: Cast) -> None:
    with pytest.raises(NotAllowed) as refused:
        deactivate_user(cast.administrator, actor=cast.chief)
    assert refused.value.code == "administrator_only"


def test_nobody_revokes_their_own_sign_in(cast: Cast) -> None:
    with pytest.raises(NotAllowed) as refused:
        deactivate_user(cast.administrator, actor=cast.administrator)
    assert refused.value.code == "oneself"


def test_somebody_revoked_decides_nothing(cast: Cast) -> None:
    stale = User.objects.get(pk=cast.chief.pk)
    deactivate_user(cast.chief, actor=cast.administrator)
    with pytest.raises(NotAllowed):
        deactivate_user(cast.second, actor=stale)


def test_a_person_of_two_teams_needs_the_right_in_both(cast: Cast) -> None:
    Membership.objects.create(team=cast.rival_team, user=cast.second, role=TeamRole.MANAGER)
    with pytest.raises(NotAllowed):
        deactivate_user(cast.second, actor=cast.chief)
    Membership.objects.create(team=cast.rival_team, user=cast.chief, role=TeamRole.CHIEF)
    deactivate_user(cast.second, actor=cast.chief)
    assert len(events(people_verbs.DEACTIVATED)) == 2


def test_a_company_takes_leave_of_somebody_who_also_works_elsewhere(cast: Cast, told: Told) -> None:
    Membership.objects.create(team=cast.rival_team, user=cast.second, role=TeamRole.MANAGER)
    AgentOwner.objects.create(agent=cast.rival_agent, user=cast.second, role=BACKUP)
    sync_grants(Agent.objects.filter(pk=cast.rival_agent.pk))
    agent = make_agent(cast.team, "small", (cast.owner, PRIMARY), (cast.second, SECOND))
    _token, secret = create_token(cast.team, cast.second, name="ci", scopes=["read"], days=1, actor=cast.second)
    remove_member(Membership.objects.get(team=cast.team, user=cast.second), actor=cast.chief)
    assert owners_of(agent) == {"Amelia": ("primary", False), "Carla": ("second", True)}
    assert told == [("refund-agent", "Bo", "Dev"), ("small", "Carla", "Dev")]
    assert (verbs_of(cast.second, agent), authenticate_token(secret)) == (set(), None)
    assert owners_of(cast.rival_agent)["Dev"] == ("backup", False)
    assert User.objects.get(pk=cast.second.pk).is_active
    assert_sound()


def test_somebody_who_left_meanwhile_is_not_taken_out_again(cast: Cast) -> None:
    membership = Membership.objects.get(team=cast.team, user=cast.second)
    remove_member(membership, actor=cast.chief)
    with pytest.raises(Conflict) as refused:
        remove_member(Membership(pk=membership.pk, team=cast.team, user=cast.second), actor=cast.chief)
    assert refused.value.code == "not_a_member"


@pytest.mark.parametrize(("person", "actor"), [("second", "owner"), ("administrator", "chief"), ("chief", "chief")])
def test_who_may_not_takes_nobody_out(cast: Cast, person: str, actor: str) -> None:
    membership = Membership.objects.get(team=cast.team, user=getattr(cast, person))
    with pytest.raises(NotAllowed):
        remove_member(membership, actor=getattr(cast, actor))
    assert Membership.objects.filter(pk=membership.pk).exists()
