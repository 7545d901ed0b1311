"""The list of agents: who sees which, worst first, and every figure is a filter."""

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from agents.fleet.actions import observe
from agents.fleet.enums import Lifecycle, Observed, OwnerRole
from tests.cast import Cast, make_agent
from tests.pages.conftest import SignIn

# Session, person, team, sidebar; the list's own: count, states, agents, owners, members.
QUERIES = 9


def names(page: str) -> list[str]:
    return [line.split('id="agent-')[1].split('"')[0] for line in page.splitlines() if 'id="agent-' in line]


@pytest.mark.parametrize("more", [0, 2])
def test_the_list_costs_the_same_for_one_agent_and_for_three(
    cast: Cast, sign_in: SignIn, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(more):
        make_agent(cast.team, f"more-{n}", (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND))
    client = sign_in(cast.owner)
    with django_assert_num_queries(QUERIES):
        page = client.get("/agents/").content.decode()
    assert len(names(page)) == 1 + more


def test_people_see_the_agents_they_may_view(cast: Cast, sign_in: SignIn) -> None:
    seen = {
        user.name: names(sign_in(user).get("/agents/").content.decode())
        for user in (cast.owner, cast.trainee, cast.auditor, cast.manager, cast.rival)
    }
    mine = ["refund-agent"]
    assert seen == {"Amelia": mine, "Tess": mine, "Aron": mine, "Nora": [], "Rita": ["rival-agent"]}


def test_the_worst_come_first_and_a_figure_filters_them(cast: Cast, sign_in: SignIn) -> None:
    owners = (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND)
    for slug, state in [("a-idle", Observed.IDLE), ("b-failed", Observed.FAILED), ("c-failed", Observed.FAILED)]:
        observe(make_agent(cast.team, slug, *owners), state, {})
    client = sign_in(cast.owner)
    page = client.get("/agents/").content.decode()
    assert names(page) == ["b-failed", "c-failed", "a-idle", "refund-agent"]
    assert '<a href="/agents/?state=failed" class="hot"><b>2</b>Failed</a>' in page
    assert names(client.get("/agents/?state=failed").content.decode()) == ["b-failed", "c-failed"]


def test_retired_agents_are_shown_when_asked_for(cast: Cast, sign_in: SignIn) -> None:
    make_agent(cast.team, "old", (cast.owner, OwnerRole.PRIMARY), lifecycle=Lifecycle.RETIRED)
    client = sign_in(cast.owner)
    assert names(client.get("/agents/").content.decode()) == ["refund-agent"]
    assert names(client.get("/agents/?lifecycle=retired").content.decode()) == ["old"]


def test_an_unknown_filter_is_no_filter(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.owner).get("/agents/?state=happy&owner=nobody&page=-3&vendor=")
    assert names(page.content.decode()) == ["refund-agent"]


def test_a_filter_that_matches_nobody_says_how_to_see_more(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.owner).get("/agents/?text=zebra").content.decode()
    assert "No agent matches" in page
    assert 'value="zebra"' in page


def test_htmx_gets_only_the_rows_and_the_figures(cast: Cast, sign_in: SignIn) -> None:
    answer = sign_in(cast.owner).get("/agents/", headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert "<html" not in text
    assert names(text) == ["refund-agent"]
    assert "HX-Request" in answer["Vary"]


def test_names_are_shown_as_text(cast: Cast, sign_in: SignIn) -> None:
    cast.agent.name = "<script>alert(1)</script>"
    cast.agent.save()
    page = sign_in(cast.owner).get("/agents/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
