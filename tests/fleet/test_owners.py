"""Two owners, always: by action, in bulk, by update and by raw SQL."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction

from agents.base.errors import Invalid, NotAllowed
from agents.fleet import verbs
from agents.fleet.actions import go_live, remove_owner, remove_owner_everywhere, seat_owner, set_owners
from agents.fleet.enums import Lifecycle, OwnerRole
from agents.fleet.invariants import INVARIANTS
from agents.fleet.models import Agent, AgentOwner
from agents.people.models import User
from tests.cast import Cast, make_agent, settle
from tests.fleet.test_verbs import PERSONS
from tests.fleet.test_verbs import verbs as verbs_of
from tests.fleet.trail import events, owners_of

PRIMARY, SECOND, BACKUP, TRAINEE = OwnerRole
START = {
    "Amelia": ("primary", False),
    "Dev": ("second", False),
    "Bo": ("backup", False),
    "Tess": ("trainee", False),
}


def pair(cast: Cast, slug: str = "small") -> Agent:
    """A live agent with two owners and no more."""
    return make_agent(cast.team, slug, (cast.owner, PRIMARY), (cast.second, SECOND))


def test_a_third_owner_may_be_removed(cast: Cast) -> None:
    remove_owner(cast.agent, cast.backup, actor=cast.owner)
    assert owners_of(cast.agent) == {name: seat for name, seat in START.items() if name != "Bo"}
    assert events(verbs.OWNER_REMOVED) == [{"user": str(cast.backup.pk), "name": "Bo", "role": "backup"}]
    assert verbs_of(cast.backup, cast.agent) == set()


def test_removing_the_second_of_two_is_refused_naming_the_agent(cast: Cast) -> None:
    agent = pair(cast)
    with pytest.raises(Invalid, match="small") as refused:
        remove_owner(agent, cast.second, actor=cast.owner)
    assert (refused.value.code, refused.value.status) == ("two_owners", 422)
    assert owners_of(agent) == {"Amelia": ("primary", False), "Dev": ("second", False)}
    assert events(verbs.OWNER_REMOVED) == []


def test_a_trainee_never_counts(cast: Cast) -> None:
    agent = make_agent(cast.team, "taught", (cast.owner, PRIMARY), (cast.second, SECOND), (cast.trainee, TRAINEE))
    with pytest.raises(Invalid):
        remove_owner(agent, cast.second, actor=cast.owner)
    with pytest.raises(Invalid):
        seat_owner(agent, cast.second, TRAINEE, actor=cast.owner)


def test_an_inactive_owner_never_counts(cast: Cast) -> None:
    User.objects.filter(pk=cast.backup.pk).update(is_active=False)
    with pytest.raises(Invalid):
        remove_owner(cast.agent, cast.second, actor=cast.owner)
    remove_owner(cast.agent, cast.backup, actor=cast.owner)
    assert "Bo" not in owners_of(cast.agent)


def test_an_onboarding_agent_may_wait_for_its_second_owner(cast: Cast) -> None:
    agent = make_agent(cast.team, "waiting", (cast.owner, PRIMARY), lifecycle=Lifecycle.ONBOARDING)
    with pytest.raises(Invalid, match="waiting"):
        go_live(agent, actor=cast.owner)
    seat_owner(agent, cast.second, SECOND, actor=cast.owner)
    assert go_live(agent, actor=cast.owner).lifecycle == Lifecycle.LIVE


def test_a_new_primary_makes_the_old_one_second(cast: Cast) -> None:
    seat_owner(cast.agent, cast.manager, PRIMARY, actor=cast.owner)
    assert owners_of(cast.agent) == START | {"Amelia": ("second", False), "Nora": ("primary", False)}
    told = [(event["name"], event["role"]) for event in events(verbs.OWNER_SEATED)]
    assert told == [("Amelia", "second"), ("Nora", "primary")]
    assert verbs_of(cast.manager, cast.agent) == PERSONS["owner"]
    assert verbs_of(cast.owner, cast.agent) == PERSONS["second"]


def test_the_same_seat_again_writes_nothing(cast: Cast) -> None:
    seat_owner(cast.agent, cast.second, SECOND, actor=cast.owner)
    assert events(verbs.OWNER_SEATED) == []


def test_an_appointment_ends_acting(cast: Cast) -> None:
    AgentOwner.objects.filter(agent=cast.agent, user=cast.backup).update(acting=True)
    AgentOwner.objects.create(agent=cast.agent, user=cast.chief, role=SECOND, acting=True)
    seat_owner(cast.agent, cast.manager, SECOND, actor=cast.chief)
    assert owners_of(cast.agent) == START | {"Nora": ("second", False)}


def test_appointing_whoever_acts_ends_acting(cast: Cast) -> None:
    AgentOwner.objects.create(agent=cast.agent, user=cast.chief, role=SECOND, acting=True)
    seat_owner(cast.agent, cast.chief, SECOND, actor=cast.owner)
    assert owners_of(cast.agent)["Carla"] == ("second", False)


@pytest.mark.parametrize("person", ["second", "backup", "engineer", "operations", "auditor", "rival"])
def test_who_does_not_appoint_is_refused(cast: Cast, person: str) -> None:
    actor = getattr(cast, person)
    with pytest.raises(NotAllowed):
        seat_owner(cast.agent, actor, PRIMARY, actor=actor)
    with pytest.raises(NotAllowed):
        remove_owner(cast.agent, cast.backup, actor=actor)
    with pytest.raises(NotAllowed):
        set_owners([cast.agent], [(actor, PRIMARY), (cast.owner, SECOND)], actor=actor)
    assert owners_of(cast.agent) == START


def test_only_active_members_of_the_team_are_seated(cast: Cast) -> None:
    User.objects.filter(pk=cast.manager.pk).update(is_active=False)
    for user in (cast.rival, cast.manager):
        with pytest.raises(Invalid, match="choose from its members"):
            seat_owner(cast.agent, user, SECOND, actor=cast.owner)


def test_who_has_no_seat_cannot_lose_it(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        remove_owner(cast.agent, cast.manager, actor=cast.owner)
    assert refused.value.code == "no_seat"


def test_removing_a_person_everywhere_names_every_agent_left_short(cast: Cast) -> None:
    pair(cast, "small-a")
    pair(cast, "small-b")
    with pytest.raises(Invalid, match="small-a, small-b"):
        remove_owner_everywhere(cast.second, team=cast.team, actor=cast.chief)
    assert AgentOwner.objects.filter(user=cast.second).count() == 3


def test_removing_a_person_everywhere_stays_in_the_team(cast: Cast) -> None:
    AgentOwner.objects.create(agent=cast.rival_agent, user=cast.backup, role=BACKUP)
    assert remove_owner_everywhere(cast.backup, team=cast.team, actor=cast.chief) == 1
    assert list(AgentOwner.objects.filter(user=cast.backup).values_list("agent__slug")) == [("rival-agent",)]


def test_many_agents_get_the_same_owners_at_once(cast: Cast) -> None:
    agents = [cast.agent, pair(cast)]
    set_owners(agents, [(cast.manager, PRIMARY), (cast.owner, SECOND)], actor=cast.chief)
    for agent in agents:
        assert owners_of(agent) == {"Nora": ("primary", False), "Amelia": ("second", False)}
    assert [problem for _name, check in INVARIANTS for problem in check()] == []


def test_primary_and_second_may_change_places(cast: Cast) -> None:
    agent = pair(cast)
    set_owners([agent], [(cast.second, PRIMARY), (cast.owner, SECOND)], actor=cast.chief)
    assert owners_of(agent) == {"Dev": ("primary", False), "Amelia": ("second", False)}


def test_many_agents_are_changed_all_or_none(cast: Cast) -> None:
    waiting = make_agent(cast.team, "waiting", (cast.backup, PRIMARY), lifecycle=Lifecycle.ONBOARDING)
    with pytest.raises(Invalid, match="refund-agent") as refused:
        set_owners([waiting, cast.agent], [(cast.manager, PRIMARY)], actor=cast.chief)
    assert refused.value.code == "two_owners"
    assert owners_of(waiting) == {"Bo": ("primary", False)}
    assert owners_of(cast.agent) == START


def test_agents_of_two_teams_are_not_changed_together(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        set_owners([cast.agent, cast.rival_agent], [(cast.owner, PRIMARY)], actor=cast.chief)
    assert refused.value.code == "one_team"


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM fleet_agentowner WHERE agent_id = %s AND role = 'second'",
        "UPDATE fleet_agentowner SET role = 'trainee' WHERE agent_id = %s AND role = 'second'",
        "UPDATE people_user SET is_active = false FROM fleet_agentowner o WHERE o.user_id = people_user.id "
        "AND o.agent_id = %s AND o.role = 'second'",
        "UPDATE fleet_agent SET lifecycle = 'live' WHERE slug = 'small-alone' AND team_id = "
        "(SELECT team_id FROM fleet_agent WHERE id = %s)",
    ],
)
def test_raw_sql_meets_the_same_rule(cast: Cast, sql: str) -> None:
    agent = pair(cast)
    make_agent(cast.team, "small-alone", (cast.owner, PRIMARY), lifecycle=Lifecycle.PAUSED)
    settle()

    def write() -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, [agent.pk])

    refused_at_commit(write)


def refused_at_commit(write: Callable[[], object]) -> None:
    def commit() -> None:
        with transaction.atomic():
            write()
            settle()

    with pytest.raises(IntegrityError, match="live agents need two active owners: small"):
        commit()


def test_a_bulk_update_meets_the_same_rule(cast: Cast) -> None:
    pair(cast)
    settle()
    refused_at_commit(lambda: AgentOwner.objects.filter(user=cast.second, agent__slug="small").update(role=TRAINEE))
    refused_at_commit(lambda: User.objects.filter(pk=cast.second.pk).update(is_active=False))
    refused_at_commit(lambda: AgentOwner.objects.filter(user=cast.owner, agent__slug="small").delete())


def test_an_agent_has_one_primary_and_a_person_one_seat(cast: Cast) -> None:
    for role, user in ((PRIMARY, cast.manager), (BACKUP, cast.second)):
        with pytest.raises(IntegrityError), transaction.atomic():
            AgentOwner.objects.create(agent=cast.agent, user=user, role=role)


def test_the_invariants_see_what_raw_rows_break(cast: Cast) -> None:
    names = [name for name, check in INVARIANTS if check()]
    assert names == []
    AgentOwner.objects.filter(agent=cast.agent, user=cast.trainee).update(role=SECOND)
    User.objects.filter(pk__in=[cast.owner.pk, cast.second.pk, cast.backup.pk]).update(is_active=False)
    problems = {name: len(check()) for name, check in INVARIANTS}
    assert problems == {"I9 live agents have two active owners": 1, "grants equal owners and memberships": 18}
    with connection.cursor() as cursor:  # so that this test's own end does not meet the rule
        cursor.execute("UPDATE fleet_agent SET lifecycle = 'paused'")
