"""Today shows what is there, and invents nothing."""

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from agents.fleet.actions import observe
from agents.fleet.enums import Lifecycle, Observed, OwnerRole
from agents.runs.enums import RunState
from tests.cast import Cast, make_agent
from tests.pages.conftest import SignIn
from tests.pages.stage import a_question, a_run

# Session, person, team, sidebar; waiting and how many, covers (agents, owners, acts), states,
# agents, runs.
QUERIES = 12


@pytest.mark.parametrize("times", [1, 3])
def test_the_page_costs_the_same_for_one_exception_and_for_three(
    cast: Cast, sign_in: SignIn, times: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(times):
        a_question(cast.agent, a_run(cast.agent, RunState.WAITING))
    client = sign_in(cast.owner)
    with django_assert_num_queries(QUERIES):
        page = client.get("/").content.decode()
    assert page.count('id="waiting-') == times


def test_somebody_without_agents_is_told_where_they_come_from(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.manager).get("/").content.decode()
    assert "0 agents you may see" in page
    assert "No agents yet" in page


def test_nothing_waiting_says_so(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.owner).get("/").content.decode()
    assert "<b>0</b>wait for a person" in page
    assert "Nobody waits for you" in page
    assert "No run since then." in page


def test_the_figures_are_links_to_what_they_count(cast: Cast, sign_in: SignIn) -> None:
    observe(cast.agent, Observed.FAILED, {})
    a_run(cast.agent, RunState.DONE)
    make_agent(cast.team, "short", (cast.owner, OwnerRole.PRIMARY), lifecycle=Lifecycle.ONBOARDING)
    page = sign_in(cast.owner).get("/").content.decode()
    assert '<a href="/agents/?state=failed" class="hot"><b>1</b>Failed' in page
    assert '<a href="/owners/?gap=short" class="hot"><b>1</b>short of owners' in page
    assert '<a href="/runs/?since=1&amp;state=done"><b>1</b> Done</a>' in page


def test_what_waits_elsewhere_is_not_mine(cast: Cast, sign_in: SignIn) -> None:
    a_question(cast.rival_agent)
    page = sign_in(cast.owner).get("/").content.decode()
    assert "What became of the parcel?" not in page
    assert "<b>0</b>wait for a person" in page


def test_the_sidebar_counts_what_waits(cast: Cast, sign_in: SignIn) -> None:
    a_question(cast.agent)
    page = sign_in(cast.owner).get("/settings/").content.decode()
    assert '<b class="n" title="wait for a person">1</b>' in page
