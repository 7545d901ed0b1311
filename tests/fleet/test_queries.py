"""The fleet, its coverage and its status, as people see them; the same number of queries for one row and for three."""

import datetime as dt
import itertools
import uuid
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from agents.fleet import verbs
from agents.fleet.actions import observe, pause_agent
from agents.fleet.enums import Lifecycle, Observed, OwnerRole, Vendor, Verb
from agents.fleet.models import Agent, AgentOwner, AgentStatus
from agents.fleet.permissions import agents_for
from agents.fleet.queries import (
    Gap,
    counts,
    coverage,
    derive_status,
    fleet,
    onboarding_load,
    owner_of_night,
    unappointed,
)
from agents.people.models import User
from audit.actions import record
from tests.cast import Cast, make_agent

PRIMARY, SECOND, BACKUP, TRAINEE = OwnerRole


def slugs(agents: object) -> list[str]:
    return [agent.slug for agent in agents]  # type: ignore[attr-defined]


@pytest.fixture
def three(cast: Cast) -> Cast:
    """Two more agents beside the cast's: one that failed, one that nobody has observed."""
    observe(cast.agent, Observed.RUNNING, {"running": 2})
    failed = make_agent(cast.team, "failed", (cast.owner, PRIMARY), (cast.manager, SECOND))
    observe(failed, Observed.FAILED, {"run": "1"})
    make_agent(cast.team, "unseen", (cast.second, PRIMARY), lifecycle=Lifecycle.ONBOARDING)
    make_agent(cast.team, "gone", (cast.owner, PRIMARY), lifecycle=Lifecycle.RETIRED)
    return cast


def test_the_fleet_is_listed_worst_first_without_the_retired(three: Cast) -> None:
    assert slugs(fleet(three.chief)) == ["failed", "refund-agent", "unseen"]
    assert slugs(fleet(three.owner)) == ["failed", "refund-agent"]
    assert slugs(fleet(three.manager)) == ["failed"]
    assert slugs(fleet(three.rival)) == ["rival-agent"]


def test_filters_narrow_the_same_list(three: Cast) -> None:
    chief = three.chief
    assert slugs(fleet(chief, state="failed")) == ["failed"]
    assert slugs(fleet(chief, lifecycle="retired")) == ["gone"]
    assert slugs(fleet(chief, vendor="artisan")) == []
    assert slugs(fleet(chief, function="support", text="REFUND")) == ["refund-agent"]
    assert slugs(fleet(chief, owner=str(three.second.pk))) == ["refund-agent", "unseen"]


@pytest.mark.parametrize("nonsense", [{"owner": "x"}, {"state": "x"}, {"text": "\x00%"}, {"owner": str(uuid.uuid4())}])
def test_a_filter_nobody_meets_finds_nothing(three: Cast, nonsense: dict[str, str]) -> None:
    assert slugs(fleet(three.chief, **nonsense)) == []


def test_counts_come_from_the_list(three: Cast) -> None:
    agents = fleet(three.chief)
    assert counts(agents, "lifecycle") == {"live": 2, "onboarding": 1}
    assert counts(agents, "status__state") == {"failed": 1, "running": 1}
    assert counts(fleet(three.chief, text="fail"), "vendor") == {Vendor.OURS: 1}


def test_owners_come_in_order(three: Cast) -> None:
    agent = fleet(three.chief, text="refund").get()
    assert [seat.user.name for seat in agent.owners.all()] == ["Amelia", "Dev", "Bo", "Tess"]


@pytest.mark.parametrize("more", [0, 2])
def test_the_list_takes_two_queries(cast: Cast, more: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(more):
        make_agent(cast.team, f"more-{number}", (cast.owner, PRIMARY), (cast.second, SECOND))
    agents_for(cast.chief, Verb.VIEW).exists()  # the content type is looked up once per process
    with django_assert_num_queries(2):
        found = [
            (a.team.name, getattr(a, "status", None), [s.user.name for s in a.owners.all()]) for a in fleet(cast.chief)
        ]
    assert len(found) == 1 + more


@pytest.mark.parametrize("more", [0, 2])
def test_coverage_takes_three_queries(cast: Cast, more: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(more):
        make_agent(cast.team, f"more-{number}", (cast.owner, PRIMARY), (cast.second, SECOND))
    with django_assert_num_queries(3):
        found = [(cover.quorum, cover.bus_factor, cover.gaps) for cover in coverage(cast.team)]
    assert len(found) == 1 + more


def test_the_bus_factor_counts_owners_who_really_acted(cast: Cast) -> None:
    def acts(user: User) -> None:
        record(verbs.AGENT_EDITED, actor=user.actor, team_id=cast.team.pk, agent_id=cast.agent.pk)

    for user in (cast.owner, cast.owner, cast.trainee, cast.chief):
        acts(user)
    pause_agent(cast.agent, actor=cast.backup, reason="Look at this.")
    [cover] = coverage(cast.team)
    acted = {owner.seat.user.name for owner in cover.owners if owner.acted_at}
    assert (cover.quorum, cover.bus_factor, acted) == (3, 2, {"Amelia", "Bo", "Tess"})


def test_what_was_done_long_ago_does_not_count(cast: Cast) -> None:
    record(verbs.AGENT_EDITED, actor=cast.owner.actor, team_id=cast.team.pk, agent_id=cast.agent.pk)
    [cover] = coverage(cast.team, days=0)
    assert cover.bus_factor == 0


def test_every_gap_is_named(cast: Cast) -> None:
    make_agent(cast.team, "alone", (cast.trainee, TRAINEE), lifecycle=Lifecycle.ONBOARDING)
    AgentOwner.objects.filter(agent=cast.agent, user=cast.backup).update(acting=True)
    User.objects.filter(pk=cast.owner.pk).update(is_active=False)
    found = {cover.agent.slug: cover.gaps for cover in unappointed(cast.team)}
    assert found == {
        "alone": (Gap.SHORT, Gap.NO_PRIMARY),
        "refund-agent": (Gap.NO_PRIMARY, Gap.ACTING, Gap.INACTIVE),
    }


def test_a_well_owned_fleet_has_no_gaps(cast: Cast) -> None:
    assert unappointed(cast.team) == []


def test_the_night_is_the_first_active_owners(cast: Cast) -> None:
    for user, zone in ((cast.owner, "America/Sao_Paulo"), (cast.second, "Asia/Tokyo")):
        User.objects.filter(pk=user.pk).update(zone=zone)
    assert owner_of_night(cast.agent) == ZoneInfo("America/Sao_Paulo")
    User.objects.filter(pk=cast.owner.pk).update(is_active=False)
    assert owner_of_night(cast.agent) == ZoneInfo("Asia/Tokyo")
    lonely = make_agent(cast.team, "lonely", (cast.trainee, TRAINEE), lifecycle=Lifecycle.ONBOARDING)
    assert owner_of_night(lonely) == ZoneInfo("UTC")


def test_the_onboarding_load_counts_starts_not_agents_already_running(cast: Cast) -> None:
    Agent.objects.filter(pk=cast.agent.pk).update(running_since="2026-01-15")
    for number, days in enumerate((1, 29, 31, 59, 61)):
        agent = make_agent(cast.team, f"new-{number}", lifecycle=Lifecycle.ONBOARDING)
        Agent.objects.filter(pk=agent.pk).update(created_at=timezone.now() - dt.timedelta(days=days))
    load = onboarding_load(cast.team)
    assert (load.month, load.two_months, load.warns, load.blocks) == (2, 4, True, True)


FACTS = ("failed", "disconnected", "waiting", "degraded", "silent", "running")
STATES = ("failed", "disconnected", "waiting_on_human", "degraded", "silent", "running", "idle")


def test_the_worst_fact_is_the_state_in_every_combination() -> None:
    for facts in itertools.product([False, True], repeat=len(FACTS)):
        worst = facts.index(True) if True in facts else len(FACTS)
        assert derive_status(**dict(zip(FACTS, facts, strict=True))) == STATES[worst]


def test_since_stays_while_the_state_does(cast: Cast) -> None:
    observe(cast.agent, Observed.WAITING_ON_HUMAN, {"waiting": 1})
    yesterday = timezone.now() - dt.timedelta(days=1)
    AgentStatus.objects.update(since=yesterday, observed_at=yesterday)
    observe(cast.agent, Observed.WAITING_ON_HUMAN, {"waiting": 2})
    same = AgentStatus.objects.get(agent=cast.agent)
    assert (same.since, same.evidence, same.observed_at > yesterday) == (yesterday, {"waiting": 2}, True)
    observe(cast.agent, Observed.IDLE, {"waiting": 0})
    assert AgentStatus.objects.get(agent=cast.agent).since > yesterday
