"""Who answers for which agent, who really does, and reassigning many at once."""

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from agents.fleet.actions import edit_agent
from agents.fleet.enums import Lifecycle, OwnerRole
from agents.fleet.models import Agent
from tests.cast import Cast, make_agent, settle
from tests.pages.conftest import SignIn

# Session, person, team, sidebar; agents, owners, acts, appointable, three lists of members.
QUERIES = 11


def owners(agent: Agent) -> dict[str, str]:
    return dict(agent.owners.values_list("user__name", "role"))


@pytest.mark.parametrize("more", [0, 2])
def test_the_grid_costs_the_same_for_one_agent_and_for_three(
    cast: Cast, sign_in: SignIn, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(more):
        make_agent(cast.team, f"more-{n}", (cast.owner, OwnerRole.PRIMARY), (cast.manager, OwnerRole.SECOND))
    client = sign_in(cast.chief)
    with django_assert_num_queries(QUERIES):
        page = client.get("/owners/").content.decode()
    assert page.count('id="cover-') == 1 + more


def test_the_bus_factor_counts_who_really_acted(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.chief)
    assert '<b class="wait-text">0</b> <span class="sub">of 3</span>' in client.get("/owners/").content.decode()
    edit_agent(cast.agent, actor=cast.owner, purpose="Refunds")
    page = client.get("/owners/").content.decode()
    assert '<b class="wait-text">1</b> <span class="sub">of 3</span>' in page
    assert 'title="Amelia · Primary · acted' in page
    assert 'title="Dev · Second · has not acted in 30 days"' in page


def test_a_gap_is_a_figure_and_the_figure_a_filter(cast: Cast, sign_in: SignIn) -> None:
    make_agent(cast.team, "short", (cast.owner, OwnerRole.PRIMARY), lifecycle=Lifecycle.ONBOARDING)
    client = sign_in(cast.chief)
    page = client.get("/owners/").content.decode()
    assert '<a href="?gap=short" class="hot"><b>1</b>fewer than two active owners</a>' in page
    page = client.get("/owners/?gap=short").content.decode()
    assert 'id="cover-short"' in page
    assert 'id="cover-refund-agent"' not in page


def test_the_chief_seats_the_same_people_on_many_agents(cast: Cast, sign_in: SignIn) -> None:
    other = make_agent(cast.team, "other", (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND))
    given = {"agents": [cast.agent.pk, other.pk], "primary": cast.manager.pk, "second": cast.backup.pk}
    assert sign_in(cast.chief).post("/owners/assign/", given).status_code == 302
    assert owners(cast.agent) == owners(other) == {"Nora": "primary", "Bo": "second"}
    settle()


@pytest.mark.parametrize("second", ["same", "rival", ""])
def test_a_seating_that_cannot_be_changes_nothing_and_keeps_the_ticks(cast: Cast, sign_in: SignIn, second: str) -> None:
    people = {"same": cast.manager.pk, "rival": cast.rival.pk, "": ""}
    given = {"agents": [cast.agent.pk], "primary": cast.manager.pk, "second": people[second]}
    page = sign_in(cast.chief).post("/owners/assign/", given)
    assert page.status_code == 422
    assert f'value="{cast.agent.pk}" checked' in page.content.decode()
    assert len(owners(cast.agent)) == 4


def test_who_may_not_appoint_gets_no_ticks_and_is_refused(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.second)
    assert 'type="checkbox"' not in client.get("/owners/").content.decode()
    given = {"agents": [cast.agent.pk], "primary": cast.second.pk, "second": cast.owner.pk}
    assert client.post("/owners/assign/", given).status_code == 403
    assert owners(cast.agent)["Amelia"] == "primary"


def test_another_company_s_agents_are_not_chosen(cast: Cast, sign_in: SignIn) -> None:
    given = {"agents": [cast.rival_agent.pk], "primary": cast.owner.pk, "second": cast.second.pk}
    assert sign_in(cast.chief).post("/owners/assign/", given).status_code == 422
