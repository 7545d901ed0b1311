"""Today shows what is there, and invents nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from agents.base.clock import business_day
from agents.fleet.actions import observe, set_kpi_target
from agents.fleet.enums import Lifecycle, Observed, OwnerRole
from agents.fleet.models import Agent, KpiPoint
from agents.runs.enums import RunState
from agents.runs.models import DailyReview
from campaigns.queries import in_force, not_confirmed
from console.kpis.force import in_force_now
from tests.campaigns.stage import a_draft, sent
from tests.cast import Cast, make_agent, make_agents
from tests.morning.stage import analyze
from tests.pages.conftest import SignIn
from tests.pages.stage import HOSTILE, a_question, a_run

# Session, person, team, sidebar; fleet, what is in force, outcomes, trail, waiting; who is away.
QUERIES = 11


@pytest.mark.parametrize("count", [1, 25, 250])
def test_the_page_costs_the_same_for_one_agent_and_for_many(
    cast: Cast, sign_in: SignIn, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    owners = (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND)
    for agent in make_agents({(cast.team, f"more-{n}"): owners for n in range(count - 1)})[:24]:
        a_question(agent, a_run(agent, RunState.WAITING))
    sent(a_draft(cast), [cast.agent], cast.owner)
    analyze()
    client = sign_in(cast.owner)
    client.get("/")  # notes the look, and what Django keeps per process is not counted
    with django_assert_num_queries(QUERIES):
        page = client.get("/").content.decode()
    assert page.count('id="agent-') == count


def test_somebody_without_agents_is_told_where_they_come_from(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.manager).get("/").content.decode()
    assert "0 agents you may see" in page
    assert "No agents yet" in page


def test_a_card_counts_what_its_link_lists(cast: Cast, sign_in: SignIn) -> None:
    a_question(cast.agent, a_run(cast.agent, RunState.WAITING))
    a_question(cast.agent, kind="silence", step_key="")
    a_question(cast.agent, kind="check_in", step_key="")
    client = sign_in(cast.owner)
    page = client.get("/")
    for card in page.context["today"].cards:
        if card.url.startswith("/queue/"):
            assert client.get(card.url).content.decode().count('id="item-') == card.count
    counts = {card.slug: card.count for card in page.context["today"].cards}
    assert (counts["waiting"], counts["exceptions"], counts["silent"], counts["check_ins"]) == (1, 2, 1, 1)


def test_the_worst_agent_comes_first_and_says_why(cast: Cast, sign_in: SignIn) -> None:
    make_agent(cast.team, "a-calm", (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND))
    cast.agent.waiting_cost_micros_per_hour = 19_000_000
    cast.agent.save()
    a_question(cast.agent, a_run(cast.agent, RunState.WAITING))
    page = sign_in(cast.owner).get("/").content.decode()
    assert page.index('id="agent-refund-agent"') < page.index('id="agent-a-calm"')
    assert "$19.00 an hour" in page
    assert "$19.00 an hour idle" in page
    assert "What became of the parcel?" in page.split("Waiting for a person")[1]


def test_what_the_same_one_did_again_is_said_once(cast: Cast, sign_in: SignIn) -> None:
    other = make_agent(cast.team, "other", (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND))
    for agent in (cast.agent, other, cast.agent):
        a_question(agent, kind="silence", step_key="")
    changed = sign_in(cast.owner).get("/").content.decode().split("Changed since your last look")[1]
    assert changed.count("raised an exception") == 1
    assert changed.index("refund agent</a>, <a") < changed.index(">other</a> raised an exception")


def test_short_of_owners_and_unheard_of_are_said(cast: Cast, sign_in: SignIn) -> None:
    observe(cast.agent, Observed.SILENT, {})
    make_agent(cast.team, "short", (cast.owner, OwnerRole.PRIMARY), lifecycle=Lifecycle.ONBOARDING)
    page = sign_in(cast.owner).get("/").content.decode()
    assert 'href="/owners/?gap=short" class="hot-owners"><b>1</b>' in page
    assert 'nothing from <a href="/agents/refund-agent/">refund agent</a>' in page


@pytest.mark.parametrize("lifecycle", [Lifecycle.ONBOARDING, Lifecycle.LIVE])
def test_an_agent_that_was_never_connected_yet_is_no_trouble(cast: Cast, sign_in: SignIn, lifecycle: Lifecycle) -> None:
    owners = ((cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND))
    newcomer = make_agent(cast.team, "newcomer", *owners, lifecycle=lifecycle)
    observe(newcomer, Observed.DISCONNECTED, {"reason": "added", "connected": False})
    page = sign_in(cast.owner).get("/").content.decode()
    assert "Not connected yet" in page
    assert "Disconnected" not in page
    for path in ("/agents/newcomer/", "/agents/newcomer/one-on-one/"):
        assert "Not connected yet" in sign_in(cast.owner).get(path).content.decode()
    assert "nothing from" not in page


def test_a_kpi_is_drawn_against_its_target(cast: Cast, sign_in: SignIn) -> None:
    set_kpi_target(cast.agent, key="resolved", target=90, unit="%", better="higher", actor=cast.owner)
    for ago, value in enumerate((84, 91, 95)):
        KpiPoint.objects.create(
            agent=cast.agent, key="resolved", day=timezone.now().date() - timedelta(days=ago), value=value
        )
    page = sign_in(cast.owner).get("/").content.decode()
    assert '<span class="dn">Resolved 84 %</span>' in page
    assert 'points="0.0,1.0 27.0,' in page


def test_what_is_in_force_is_what_campaigns_say(cast: Cast, sign_in: SignIn) -> None:
    sent(a_draft(cast), [cast.agent], cast.owner)
    sent(a_draft(cast, "Summit speakers", offer="Dinner"), [cast.agent, cast.rival_agent], cast.owner)
    found = in_force_now(cast.owner, cast.team)
    told = in_force(cast.team, agents=Agent.objects.filter(team=cast.team))
    assert [(each.name, each.number, [(cell.slug, cell.rung) for cell in each.strip]) for each in found.versions] == [
        (each.version.campaign.name, each.version.number, [(cell.agent.slug, cell.rung) for cell in each.strip])
        for each in told
    ]
    assert found.unsure == not_confirmed(cast.owner).filter(agent__team=cast.team).count() == 2
    assert "Summit speakers" in sign_in(cast.owner).get("/").content.decode()


def test_progress_counts_the_days_that_are_decided(cast: Cast, sign_in: SignIn) -> None:
    now = timezone.now()
    DailyReview.objects.create(
        agent=cast.agent, day=now.date(), since=now - timedelta(hours=9), until=now, state="approved"
    )
    page = sign_in(cast.owner).get("/").content.decode()
    assert "<b>1</b> of 1 reviewed" in page


def test_what_changed_since_the_last_look_stays_for_the_whole_look(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.owner)
    client.get("/")
    began = client.session["look"]
    a_question(cast.agent)
    page = client.get("/").content.decode()
    assert client.session["look"] == began
    assert page.split("Changed since your last look")[1].count("card2 tight") == 1


def test_what_agents_write_stays_text(cast: Cast, sign_in: SignIn) -> None:
    a_question(cast.agent, a_run(cast.agent, RunState.WAITING), title=HOSTILE)
    page = sign_in(cast.owner).get("/").content.decode()
    assert "<script>alert" not in page
    assert "<img" not in page


def test_what_waits_elsewhere_is_not_mine(cast: Cast, sign_in: SignIn) -> None:
    a_question(cast.rival_agent)
    page = sign_in(cast.owner).get("/").content.decode()
    assert "What became of the parcel?" not in page


def test_the_sidebar_counts_what_waits(cast: Cast, sign_in: SignIn) -> None:
    a_question(cast.agent)
    page = sign_in(cast.owner).get("/settings/").content.decode()
    assert '<b class="n" title="wait for your decision">1</b>' in page


def test_the_page_says_when_the_morning_is_done(cast: Cast, sign_in: SignIn) -> None:
    client, day = sign_in(cast.owner), business_day(timezone.now(), cast.owner.tzinfo)
    review = DailyReview.objects.create(agent=cast.agent, day=day, since=timezone.now() - timedelta(hours=9))
    assert 'id="done"' not in client.get("/").content.decode()
    DailyReview.objects.filter(pk=review.pk).update(state="approved")
    assert 'id="done"' in client.get("/").content.decode()
    a_question(cast.agent, a_run(cast.agent, RunState.WAITING))
    assert 'id="done"' not in client.get("/").content.decode()
