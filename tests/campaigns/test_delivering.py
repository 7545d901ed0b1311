"""Deliveries on their way: to every kind of agent, past failures and deaths, never twice, never the older last."""

import datetime as dt
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from agents.base import faults
from agents.base.errors import Conflict
from agents.base.http.breaker import FAILURES, breaker
from agents.connectors import online
from agents.connectors.contract import Pushed
from agents.connectors.enums import Rung as Reached
from agents.fleet.enums import Vendor
from agents.runs.enums import ExceptionKind, ExceptionState
from agents.runs.models import RunException
from audit.models import AuditEvent
from campaigns.actions import (
    begin_version,
    confirm_manual,
    deliver,
    edit_draft,
    end_expired,
    next_context,
    recall,
    retry,
    sweep,
    watch,
)
from campaigns.actions.claiming import claim
from campaigns.actions.delivering import MAX_TRIES, RESTS
from campaigns.enums import CONFIRMED, Rung, VersionState
from campaigns.invariants import INVARIANTS
from campaigns.models import Broadcast, ContextVersion, Delivery, Receipt
from campaigns.queries import in_force, not_confirmed, strip
from campaigns.words import sha256
from tests.campaigns.stage import a_draft, agents, sent
from tests.cast import Cast, make_cast
from tests.connectors.connected import PLACES, connect
from tests.rehearsal.fixtures import Rehearsal

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("use_rehearsal")]
EACH = 3


@pytest.fixture
def house(transactional_db: None, rehearsal: Rehearsal) -> Cast:
    """Workers are threads of their own connections: they see what is committed."""
    rehearsal.reset()
    return make_cast()


def due_now() -> None:
    """The pauses between two tries are over."""
    Delivery.objects.filter(due_at__isnull=False).update(due_at=timezone.now())


def leases_are_over() -> None:
    Delivery.objects.filter(lease_until__isnull=False).update(lease_until=timezone.now() - dt.timedelta(seconds=1))


def states(found: Broadcast) -> list[str]:
    return list(found.deliveries.order_by("agent__slug").values_list("state", flat=True))


def a_webhook(house: Cast, rehearsal: Rehearsal) -> Broadcast:
    """A broadcast to one agent that takes webhooks."""
    [agent] = agents(house, 1, Vendor.WEBHOOK)
    connect(agent, Vendor.WEBHOOK, rehearsal)
    return sent(a_draft(house), [agent], house.owner)


def test_one_submission_reaches_25_agents_of_nine_kinds_to_their_last_automatic_receipt(
    house: Cast, rehearsal: Rehearsal
) -> None:
    chosen = [house.agent]
    for vendor in (Vendor.OURS, Vendor.MANUAL, *PLACES):
        count = 2 if vendor in (Vendor.OURS, Vendor.MANUAL, Vendor.CLAUDE) else EACH
        for agent in agents(house, count, Vendor(vendor)):
            if vendor in PLACES:
                connect(agent, Vendor(vendor), rehearsal, seed=agent.slug)
            chosen.append(agent)
    found = sent(a_draft(house), chosen, house.owner)
    assert deliver() >= len(chosen)
    assert len(chosen) == 25
    rungs = {delivery.agent.vendor: delivery.state for delivery in found.deliveries.select_related("agent")}
    assert rungs[Vendor.OURS] == rungs[Vendor.WEBHOOK] == rungs[Vendor.MONACO] == Rung.STORED
    assert rungs[Vendor.MANUAL] == rungs[Vendor.ARTISAN] == Rung.MANUAL_PENDING
    assert Rung.FAILED not in rungs.values()
    assert Rung.QUEUED not in rungs.values()
    for receipt in Receipt.objects.filter(rung__in=CONFIRMED).select_related("delivery"):
        assert receipt.sha256 == receipt.delivery.sha256
    [force] = in_force(house.team)
    assert len(force.strip) == 25
    assert strip(force.version) == force.strip


def test_a_system_that_stumbles_is_tried_again_and_told_once(house: Cast, rehearsal: Rehearsal) -> None:
    found = a_webhook(house, rehearsal)
    rehearsal.script([{"kind": "500", "for": "webhook", "times": 2}])
    deliver()
    assert states(found) == [Rung.QUEUED]
    assert found.deliveries.get().error
    for _ in range(3):
        due_now()
        deliver()
    assert states(found) == [Rung.STORED]
    assert list(found.deliveries.get().receipts.order_by("at").values_list("rung", flat=True)) == ["queued", "stored"]


def test_a_system_that_stays_away_fails_becomes_an_exception_and_may_be_tried_again(
    house: Cast, rehearsal: Rehearsal
) -> None:
    found = a_webhook(house, rehearsal)
    rehearsal.script([{"kind": "500", "for": "webhook", "times": 2 * MAX_TRIES}])
    for _ in range(MAX_TRIES + 1):
        due_now()
        deliver()
    assert states(found) == [Rung.FAILED]
    watch()
    watch()
    exception = RunException.objects.get(kind=ExceptionKind.STALE_CONTEXT)
    assert exception.agent == found.deliveries.get().agent
    rehearsal.reset()
    retry(found.deliveries.get(), actor=house.owner)
    deliver()
    assert states(found) == [Rung.STORED]
    exception.refresh_from_db()
    assert exception.state == ExceptionState.RESOLVED
    with pytest.raises(Conflict):
        retry(found.deliveries.get(), actor=house.owner)


def test_who_has_not_confirmed_in_time_is_reported_once_and_closed_by_a_recall(house: Cast) -> None:
    [agent] = agents(house, 1, Vendor.MANUAL)
    found = sent(a_draft(house), [agent], house.owner)
    deliver()
    watch()
    assert not RunException.objects.exists()
    Delivery.objects.update(created_at=timezone.now() - dt.timedelta(hours=1))
    watch()
    assert RunException.objects.get().state == ExceptionState.OPEN
    recall(found, actor=house.owner, reason="Wrong price")
    assert RunException.objects.get().state == ExceptionState.RESOLVED


def test_a_system_that_hangs_holds_up_only_its_own_agent(
    house: Cast, rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(online, "DEADLINE_S", 3.0)
    hung, other = agents(house, 2, Vendor.WEBHOOK)
    for agent in (hung, other):
        connect(agent, Vendor.WEBHOOK, rehearsal)
    found = sent(a_draft(house), [hung, other], house.owner)
    found.deliveries.filter(agent=hung).update(tries=MAX_TRIES - 1)
    found.deliveries.filter(agent=other).update(due_at=timezone.now() + dt.timedelta(seconds=0.3))
    rehearsal.script([{"kind": "hang", "for": "webhook"}])
    deliver()
    ends = Receipt.objects.filter(rung__in=(Rung.STORED, Rung.FAILED)).order_by("at")
    assert list(ends.values_list("delivery__agent", "rung")) == [(other.pk, Rung.STORED), (hung.pk, Rung.FAILED)]


def test_a_submission_that_dies_halfway_has_told_nobody(house: Cast) -> None:
    version = a_draft(house)
    faults.arm("broadcast.after_fanout_row:raise")
    with pytest.raises(faults.Fault):
        sent(version, [house.agent], house.owner)
    assert not Broadcast.objects.exists()
    assert sent(version, [house.agent], house.owner).number == 1


def test_a_worker_that_dies_in_the_fan_out_loses_and_doubles_nothing(house: Cast, rehearsal: Rehearsal) -> None:
    chosen = agents(house, 6, Vendor.WEBHOOK)
    for agent in chosen:
        row = connect(agent, Vendor.WEBHOOK, rehearsal)
        row.base_url = f"{rehearsal.url}/vendors/webhook/{agent.slug}"
        row.save()
    found = sent(a_draft(house), chosen, house.owner)
    faults.arm("broadcast.after_fanout_row:raise:2")
    with pytest.raises(faults.Fault):
        deliver()
    assert found.deliveries.filter(state=Rung.STORED).exists()
    assert deliver() == 0
    leases_are_over()
    sweep()
    assert states(found) == [Rung.STORED] * 6
    assert Receipt.objects.filter(rung=Rung.STORED).count() == 6


def test_the_newer_version_waits_for_the_older_one_in_flight_and_is_the_last_word(
    house: Cast, rehearsal: Rehearsal
) -> None:
    older = a_webhook(house, rehearsal)
    agent = older.deliveries.get().agent
    flying = older.deliveries.get()
    flying.lease_until, flying.fence, flying.lease_owner = timezone.now() + dt.timedelta(minutes=1), 1, "another"
    flying.save()
    draft = edit_draft(begin_version(older.campaign, actor=house.owner), actor=house.owner, price_micros=399_000_000)
    newer = sent(draft, [agent], house.owner, "price")
    assert deliver() == 0
    assert (states(older), states(newer)) == ([Rung.QUEUED], [Rung.QUEUED])
    leases_are_over()
    sweep()
    assert (states(older), states(newer)) == ([Rung.NOT_APPLICABLE], [Rung.STORED])


def test_an_older_version_is_never_claimed_once_there_is_a_newer_one(house: Cast) -> None:
    older = sent(a_draft(house), [house.agent], house.owner)
    assert len(claim(9)) == 1
    draft = edit_draft(begin_version(older.campaign, actor=house.owner), actor=house.owner, price_micros=1_000_000)
    newer = sent(draft, [house.agent], house.owner, "price")
    assert claim(9) == [], "the older one is in a worker's hands"
    leases_are_over()
    assert [errand.delivery.broadcast_id for errand in claim(9)] == [newer.pk]


@pytest.mark.parametrize(("said", "reached"), [("", Rung.STORED), (" else", Rung.SENT)])
def test_stored_counts_only_with_the_hash_of_exactly_the_text(house: Cast, said: str, reached: Rung) -> None:
    from campaigns.actions.delivering import _settle

    found = sent(a_draft(house), [house.agent], house.owner)
    told = found.deliveries.get()
    _settle(told, lambda: [Pushed(Reached.STORED, {"read_back": "there"}, sha256(told.text + said))])
    assert found.deliveries.get().state == reached
    assert (found.deliveries.get().probe_at is not None) == (reached == Rung.STORED), "who has it is asked"


def test_what_comes_back_after_the_lease_went_on_changes_nothing(house: Cast) -> None:
    from campaigns.actions.delivering import _settle

    found = sent(a_draft(house), [house.agent], house.owner)
    stale = found.deliveries.get()
    with transaction.atomic():
        Delivery.objects.update(fence=7)
    _settle(stale, list)
    assert found.deliveries.get().fence == 7
    assert found.deliveries.get().state == Rung.QUEUED


@pytest.fixture(autouse=True)
def disarmed() -> object:
    yield
    faults.arm("")


def test_a_version_whose_end_has_come_ends_by_itself_and_every_agent_confirms_the_end(house: Cast) -> None:
    [manual] = agents(house, 1, Vendor.MANUAL)
    found = sent(a_draft(house), [house.agent, manual], house.owner)
    deliver()
    confirm_manual(found.deliveries.get(agent=manual), actor=house.owner, evidence="On its page", minutes=1)
    end_expired()
    assert [force.version for force in in_force(house.team)] == [found.version]
    ContextVersion.objects.update(valid_to=timezone.now() - dt.timedelta(seconds=1))
    Delivery.objects.update(created_at=timezone.now() - dt.timedelta(hours=1))
    end_expired()
    end_expired()
    deliver()
    watch()
    over = Broadcast.objects.get(version=None)
    assert (over.actor, over.reason) == (None, "Its time has run out.")
    assert list(over.deliveries.order_by("state").values_list("agent", "state")) == [
        (manual.pk, Rung.MANUAL_PENDING),
        (house.agent.pk, Rung.STORED),
    ]
    assert in_force(house.team) == []
    assert ContextVersion.objects.get().state == VersionState.ENDED
    assert next_context(house.agent) == ""
    confirm_manual(over.deliveries.get(agent=manual), actor=house.owner, evidence="Taken off its page", minutes=1)
    assert not not_confirmed(house.owner).exists()
    assert not RunException.objects.exists()


def test_many_that_land_together_are_written_together_and_none_is_lost(house: Cast, rehearsal: Rehearsal) -> None:
    from campaigns.actions.delivering import _settle_all

    chosen = agents(house, 12)
    found = sent(a_draft(house), chosen, house.owner)
    landed = []
    for errand in claim(len(chosen)):
        said = Pushed(Reached.STORED, {"read_back": "record", "text": "not kept"}, errand.sha256)
        landed.append((errand, lambda said=said: [said]))
    lost = landed[0][0].delivery
    Delivery.objects.filter(pk=lost.pk).update(fence=7)
    _settle_all(landed)
    assert found.deliveries.filter(state=Rung.STORED).count() == 11
    assert found.deliveries.get(pk=lost.pk).state == Rung.QUEUED
    receipt = Receipt.objects.filter(rung=Rung.STORED).first()
    assert receipt is not None
    assert receipt.evidence == {"read_back": "record", "exact": True}
    assert AuditEvent.objects.filter(verb="delivery.receipt").count() == 11
    assert [problem for _name, ask in INVARIANTS for problem in ask() if str(lost.pk) not in problem] == []


def test_what_waited_too_long_in_a_workers_hands_is_told_to_nobody_and_goes_back_without_a_try(
    house: Cast, rehearsal: Rehearsal, settings: Any
) -> None:
    found = a_webhook(house, rehearsal)
    settings.DELIVERY_LEASE = -60
    for _ in range(2):  # the second looks for it first, in a thread
        due_now()
        deliver()
    waits = found.deliveries.get()
    assert (waits.state, waits.tries, waits.error) == (Rung.QUEUED, 0, "Its turn did not come in time.")
    settings.DELIVERY_LEASE = 45
    due_now()
    deliver()
    assert states(found) == [Rung.STORED]


def while_its_host_rests(times: int) -> None:
    """Its rest begins anew each time, however slow this machine is."""
    try:
        for _ in range(times):
            for _ in range(FAILURES):
                breaker.failed("127.0.0.1")
            due_now()
            deliver()
    finally:
        breaker.succeeded("127.0.0.1")


def test_a_host_that_rests_for_long_is_a_persons_business(house: Cast, rehearsal: Rehearsal) -> None:
    found = a_webhook(house, rehearsal)
    Delivery.objects.update(state_since=timezone.now() - RESTS)
    while_its_host_rests(MAX_TRIES)
    assert states(found) == [Rung.FAILED]


def test_what_is_not_asked_because_its_host_rests_is_no_try(house: Cast, rehearsal: Rehearsal) -> None:
    found = a_webhook(house, rehearsal)
    while_its_host_rests(MAX_TRIES + 1)
    assert states(found) == [Rung.QUEUED]
    due_now()
    deliver()
    assert states(found) == [Rung.STORED]
