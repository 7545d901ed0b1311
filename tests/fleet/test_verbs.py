"""Who may do what with an agent: six verbs, four seats, eight team roles, strangers, and people who left."""

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from agents.base.errors import NotAllowed
from agents.fleet.enums import Lifecycle, OwnerRole, Verb
from agents.fleet.models import Agent, AgentOwner
from agents.fleet.permissions import agents_for, appointable, require, sync_grants
from agents.people.models import User
from tests.cast import Cast, make_agent

ALL = set(Verb)
PERSONS = {
    "owner": ALL,
    "second": ALL - {Verb.CONFIGURE},
    "backup": {Verb.VIEW, Verb.REVIEW, Verb.PAUSE},
    "trainee": {Verb.VIEW},
    "chief": ALL,
    "administrator": {Verb.VIEW, Verb.CONFIGURE},
    "engineer": {Verb.VIEW, Verb.CONFIGURE},
    "operations": {Verb.VIEW, Verb.CONFIGURE},
    "auditor": {Verb.VIEW},
    "leadership": {Verb.VIEW},
    "manager": set(),
    "human_agent": set(),
    "rival": set(),
}


def verbs(user: User, agent: Agent) -> set[Verb]:
    return {verb for verb in Verb if agents_for(user, verb).filter(pk=agent.pk).exists()}


@pytest.mark.parametrize("person", PERSONS)
def test_each_person_holds_exactly_the_verbs_of_seat_and_role(cast: Cast, person: str) -> None:
    assert verbs(getattr(cast, person), cast.agent) == PERSONS[person]


def test_an_acting_owner_holds_every_verb(cast: Cast) -> None:
    AgentOwner.objects.filter(agent=cast.agent, user=cast.backup).update(acting=True)
    sync_grants(Agent.objects.filter(pk=cast.agent.pk))
    assert verbs(cast.backup, cast.agent) == ALL


def test_somebody_who_may_not_sign_in_holds_nothing(cast: Cast) -> None:
    cast.chief.is_active = False
    assert verbs(cast.chief, cast.agent) == set()
    assert not appointable(cast.chief).exists()


def test_a_superuser_holds_nothing_by_that(cast: Cast) -> None:
    cast.manager.is_superuser = True
    cast.manager.save()
    assert verbs(cast.manager, cast.agent) == set()


def test_nobody_reaches_into_another_team(cast: Cast) -> None:
    assert verbs(cast.chief, cast.rival_agent) == set()
    assert list(appointable(cast.chief)) == [cast.agent]


@pytest.mark.parametrize("person", PERSONS)
def test_only_the_primary_the_chief_and_administrators_appoint(cast: Cast, person: str) -> None:
    may = cast.agent in appointable(getattr(cast, person))
    assert may == (person in {"owner", "chief", "administrator"})


def test_what_a_person_sees_below_an_agent_is_one_query(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    agents_for(cast.owner, Verb.REVIEW).exists()  # the content type is looked up once per process
    make_agent(cast.team, "another", lifecycle=Lifecycle.ONBOARDING)
    with django_assert_num_queries(1):
        rows = list(AgentOwner.objects.filter(agent__in=agents_for(cast.owner, Verb.REVIEW)))
    assert {row.agent_id for row in rows} == {cast.agent.pk}


def test_a_refusal_says_which_right_is_missing(cast: Cast) -> None:
    with pytest.raises(NotAllowed, match="Configure") as refused:
        require(cast.second, cast.agent, Verb.CONFIGURE)
    assert (refused.value.status, refused.value.code) == (403, "verb")


def test_grants_follow_a_seat_that_changes(cast: Cast) -> None:
    AgentOwner.objects.filter(agent=cast.agent, user=cast.trainee).update(role=OwnerRole.SECOND)
    sync_grants(Agent.objects.filter(pk=cast.agent.pk))
    assert verbs(cast.trainee, cast.agent) == PERSONS["second"]
