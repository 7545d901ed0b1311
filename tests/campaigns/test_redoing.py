"""In force: what was made on facts that no longer hold, what came of a version, and the end of it."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.fleet.enums import Vendor
from agents.fleet.models import KpiPoint
from agents.runs.enums import ExceptionKind, ExceptionState
from agents.runs.models import Run, RunException
from campaigns.actions import (
    begin_version,
    deliver,
    edit_draft,
    end_version,
    find_redos,
    give_context,
    next_context,
    recall,
    take_receipt,
)
from campaigns.actions.redoing import OUTPUTS
from campaigns.enums import AppliesTo, Rung, VersionState
from campaigns.models import Broadcast, ContextVersion, Redo, Watermark
from campaigns.results import results
from campaigns.saying import contradiction
from tests.api.conftest import MakeMachine, machine
from tests.campaigns.stage import a_draft, agents, done, sent
from tests.cast import Cast, make_cast
from tests.pages.conftest import SignIn, sign_in

__all__ = ["machine", "sign_in"]


@pytest.fixture
def house(transactional_db: None) -> Cast:
    return make_cast()


def looked_until(moment: dt.datetime) -> None:
    Watermark.objects.update_or_create(name=OUTPUTS, defaults={"until": moment})


def replaced(found: Broadcast, house: Cast, **facts: Any) -> ContextVersion:
    draft = edit_draft(begin_version(found.campaign, actor=house.owner), actor=house.owner, price_micros=1, **facts)
    sent(draft, [house.agent], house.owner, "price")
    return draft


@pytest.mark.parametrize(("applies_to", "count"), [(AppliesTo.IN_FLIGHT, 1), (AppliesTo.NEW, 0)])
def test_an_output_made_on_a_replaced_version_is_to_be_done_again(house: Cast, applies_to: str, count: int) -> None:
    looked_until(timezone.now())
    found = sent(a_draft(house), [house.agent], house.owner)
    deliver()
    run = Run.objects.create(agent=house.agent)
    give_context(run)
    replaced(found, house, applies_to=applies_to)
    assert find_redos() == 0
    done(run, "Fine")
    assert find_redos() == count
    assert find_redos() == 0
    assert RunException.objects.filter(kind=ExceptionKind.STALE_CONTEXT, run=run).count() == count
    assert [redo.version for redo in Redo.objects.all()] == [found.version] * count


def test_what_was_made_on_a_version_that_is_in_force_again_was_right(house: Cast) -> None:
    looked_until(timezone.now() - dt.timedelta(hours=1))
    found = sent(a_draft(house), [house.agent], house.owner)
    deliver()
    run = Run.objects.create(agent=house.agent)
    give_context(run)
    newer = replaced(found, house)
    deliver()
    done(run, "The early-bird ticket costs $429.")
    assert find_redos() == 2
    recall(Broadcast.objects.get(version=newer), actor=house.owner, reason="Wrong price")
    assert not Redo.objects.exists()
    assert not RunException.objects.exclude(state=ExceptionState.RESOLVED).exists()
    assert find_redos() == 0


def test_outputs_that_contradict_one_fact_share_a_fingerprint(house: Cast) -> None:
    looked_until(timezone.now() - dt.timedelta(hours=1))
    chosen = agents(house, 2)
    sent(a_draft(house), chosen, house.owner)
    deliver()
    for agent, price in zip(chosen, ("$499", "$489.00"), strict=True):
        done(Run.objects.create(agent=agent), f"Our early-bird tickets cost {price}.")
        done(Run.objects.create(agent=agent), "Our early-bird ticket costs $429.00.")
        done(Run.objects.create(agent=agent), "A room costs $120.")
    assert find_redos() == 2
    found = RunException.objects.filter(state=ExceptionState.OPEN)
    assert len({each.fingerprint for each in found}) == 1
    assert sorted(redo.said for redo in Redo.objects.all()) == ["$489.00", "$499"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("The Early-bird ticket is 429 USD.", ""),
        ("The Early-bird ticket is €429.", "€429"),
        ("This is the cheapest ticket.", "cheapest"),
        ("Dinner is $30.", ""),
        ("The early-bird tickets were $499, now $429.", ""),
    ],
)
def test_only_what_speaks_of_the_offer_contradicts_it(text: str, said: str) -> None:
    version = ContextVersion(
        offer="Early-bird ticket", price_micros=429_000_000, currency="USD", never_say=["cheapest"]
    )
    assert contradiction(text, version) == said


def test_ending_is_told_to_every_agent_and_receipted(house: Cast) -> None:
    [manual] = agents(house, 1, Vendor.MANUAL)
    found = sent(a_draft(house), [house.agent, manual], house.owner)
    deliver()
    version = found.version
    assert version is not None
    with pytest.raises(Invalid):
        end_version(version, actor=house.owner, reason=" ")
    with pytest.raises(NotAllowed):
        end_version(version, actor=house.manager, reason="Sold out")
    last = end_version(version, actor=house.owner, reason="Sold out")
    deliver()
    assert dict(last.deliveries.values_list("agent__slug", "state")) == {
        "refund-agent": Rung.STORED,
        manual.slug: Rung.MANUAL_PENDING,
    }
    assert next_context(house.agent) == ""
    assert "no longer applies" in last.deliveries.get(agent=manual).text
    version.refresh_from_db()
    assert version.state == VersionState.ENDED
    with pytest.raises(Conflict):
        end_version(version, actor=house.owner, reason="Again")


@pytest.mark.django_db
def test_what_came_of_a_version_is_told_by_agent(cast: Cast) -> None:
    [other] = agents(cast, 1)
    found = sent(a_draft(cast), [cast.agent, other], cast.owner)
    for cost in (100, 250):
        run = Run.objects.create(agent=cast.agent, cost_micros=cost)
        give_context(run)
        done(run, "Fine")
    today = timezone.now().date()
    for day, value in ((today, 3), (today + dt.timedelta(days=1), 2), (today - dt.timedelta(days=9), 50)):
        KpiPoint.objects.create(agent=cast.agent, key="meetings", day=day, value=value)
    assert found.version is not None
    mine, theirs = results(found.version, cast.team.agents.all())[::-1]
    assert (mine.agent, mine.runs, mine.outputs, mine.cost, mine.kpis) == (
        cast.agent,
        2,
        2,
        350,
        {"meetings": Decimal(5)},
    )
    assert (theirs.agent, theirs.runs, theirs.cost, theirs.kpis) == (other, 0, 0, {})


@pytest.mark.django_db
def test_other_peoples_agents_worked_under_a_version_from_its_receipt_until_the_next_ones(
    cast: Cast, sign_in: SignIn, machine: MakeMachine
) -> None:
    [agent] = agents(cast, 1, Vendor.WEBHOOK)
    begun = timezone.now() - dt.timedelta(hours=9)

    def at(hours: int) -> dt.datetime:
        return begun + dt.timedelta(hours=hours)

    def told(found: Broadcast, when: dt.datetime) -> None:
        delivery = found.deliveries.get()
        take_receipt(delivery, Rung.STORED, evidence={}, sha256=delivery.sha256)
        delivery.receipts.filter(rung=Rung.STORED).update(at=when)

    first = sent(a_draft(cast), [agent], cast.owner)
    told(first, at(2))
    draft = edit_draft(begin_version(first.campaign, actor=cast.owner), actor=cast.owner, price_micros=1)
    second = sent(draft, [agent], cast.owner, "price")
    for hour in (1, 3, 4, 6):
        run = Run.objects.create(agent=agent, source="hook:it", state="running", cost_micros=hour, created_at=at(hour))
        done(run, "Fine")
    told(second, at(5))
    found = [results(each.version, cast.team.agents.all())[0] for each in (first, second) if each.version]
    assert [(each.agent, each.runs, each.outputs, each.cost) for each in found] == [(agent, 2, 2, 7), (agent, 1, 1, 6)]
    Run.objects.update(cost_micros=0)
    for each in (first, second):
        assert each.version is not None
        assert results(each.version, cast.team.agents.all())[0].cost is None, "not told, so not free"
    page = sign_in(cast.owner).get(f"/campaigns/{first.campaign_id}/").content.decode()
    came_of = page.split('id="results"')[1].split("</section>")[0]
    assert ("not told" in came_of, "$0" in came_of) == (True, False)
    assert machine("owner").get(f"/versions/{first.version_id}/results")[1][0]["cost"] is None


@pytest.mark.django_db
def test_an_agent_without_a_run_on_a_version_cost_nothing_only_where_it_is_ours(cast: Cast) -> None:
    [theirs] = agents(cast, 1, Vendor.WEBHOOK)
    found = sent(a_draft(cast), [cast.agent, theirs], cast.owner)
    assert found.version is not None
    assert {each.agent: each.cost for each in results(found.version, cast.team.agents.all())} == {
        cast.agent: 0,
        theirs: None,
    }


@pytest.mark.django_db
def test_what_runs_on_a_version_cost_is_in_their_currencies(cast: Cast, sign_in: SignIn, machine: MakeMachine) -> None:
    [theirs] = agents(cast, 1, Vendor.WEBHOOK)
    found = sent(a_draft(cast), [cast.agent, theirs], cast.owner)
    cast.team.currency = "BRL"
    cast.team.save()
    delivery = found.deliveries.get(agent=theirs)
    take_receipt(delivery, Rung.STORED, evidence={}, sha256=delivery.sha256)
    for currency in ("USD", "EUR", "USD"):
        give_context(run := Run.objects.create(agent=cast.agent, cost_micros=100_000, currency=currency))
        done(run, "Fine")
    done(Run.objects.create(agent=theirs, source="hook:it", state="running", cost_micros=300_000), "Fine")
    page = sign_in(cast.owner).get(f"/campaigns/{found.campaign_id}/").content.decode()
    came_of = page.split('id="results"')[1].split("</section>")[0]
    assert ("€0.10 + $0.20" in came_of, "$0.30" in came_of, "R$" in came_of) == (True, True, False)
    told = {each["agent"]: each for each in machine("owner").get(f"/versions/{found.version_id}/results")[1]}
    ours, other = told[cast.agent.slug], told[theirs.slug]
    assert (ours["runs"], ours["outputs"], ours["costs"]) == (3, 3, {"EUR": 100_000, "USD": 200_000})
    assert (ours["cost"], ours["currency"], other["cost"], other["currency"]) == (None, "", 300_000, "USD")
