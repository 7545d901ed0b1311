"""From one submission to the receipt of every agent, and back."""

import datetime as dt

import pytest
from django.utils import timezone

from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.fleet.enums import OwnerRole, Vendor
from agents.fleet.models import Agent
from agents.runs.models import Run
from audit.models import AuditEvent
from campaigns import queries
from campaigns.actions import (
    begin_version,
    broadcast,
    confirm_manual,
    decline_request,
    deliver,
    edit_draft,
    give_context,
    next_context,
    recall,
    set_rules,
)
from campaigns.enums import RequestState, Rung, VersionState
from campaigns.models import Broadcast, BroadcastRequest, ContextUse, Delivery
from tests.campaigns.stage import a_draft, agents, approved, sent, signed
from tests.cast import Cast, make_agent, make_cast


@pytest.fixture
def house(transactional_db: None) -> Cast:
    """Workers are threads of their own connections: they see what is committed."""
    return make_cast()


def rungs(found: Broadcast) -> dict[str, str]:
    return dict(found.deliveries.values_list("agent__slug", "state"))


def test_one_submission_writes_a_delivery_for_each_agent_and_takes_the_version_live(cast: Cast) -> None:
    chosen = agents(cast, 3)
    version = a_draft(cast)
    found = sent(version, chosen, cast.owner)
    version.refresh_from_db()
    assert version.state == VersionState.LIVE
    assert rungs(found) == {agent.slug: Rung.QUEUED for agent in chosen}
    assert AuditEvent.objects.filter(verb="broadcast.sent").count() == 1


def test_the_same_key_again_is_the_same_broadcast(cast: Cast) -> None:
    version = approved(signed(a_draft(cast), [cast.agent], cast.owner))
    first = broadcast(version, [cast.agent], actor=cast.owner, idempotency_key="k")
    assert broadcast(version, [cast.agent], actor=cast.owner, idempotency_key="k") == first
    assert Delivery.objects.count() == 1


def test_nobody_is_told_of_a_version_twice_however_many_send_it(cast: Cast) -> None:
    first, other = agents(cast, 2)
    version = approved(signed(a_draft(cast), [first], cast.owner))
    broadcast(version, [cast.agent, first], actor=cast.owner, idempotency_key="a", canaries=[first])
    with pytest.raises(Conflict, match="told of this version already"):
        broadcast(version, [cast.agent, first], actor=cast.second, idempotency_key="b")
    further = broadcast(version, [cast.agent, first, other], actor=cast.second, idempotency_key="c")
    assert [row.agent for row in further.deliveries.all()] == [other]


def test_a_draft_is_not_broadcast(cast: Cast) -> None:
    with pytest.raises(Conflict, match="Validate"):
        broadcast(a_draft(cast), [cast.agent], actor=cast.owner, idempotency_key="k")


def test_who_owns_no_agent_has_no_campaigns(cast: Cast) -> None:
    version = a_draft(cast)
    with pytest.raises(NotAllowed):
        edit_draft(version, actor=cast.manager, offer="Mine")
    with pytest.raises(NotAllowed):
        broadcast(version, [cast.agent], actor=cast.backup, idempotency_key="k")


def test_agents_of_others_are_asked_of_their_owners_and_sent_with_one_click(cast: Cast) -> None:
    theirs = make_agent(cast.team, "theirs", (cast.manager, OwnerRole.PRIMARY), (cast.chief, OwnerRole.SECOND))
    version = approved(signed(a_draft(cast), [cast.agent], cast.owner))
    found = broadcast(version, [cast.agent, theirs], actor=cast.owner, idempotency_key="k")
    assert rungs(found) == {"refund-agent": Rung.QUEUED}
    [request] = queries.asked_of(cast.manager)
    assert (request.agent, request.asked_by) == (theirs, cast.owner)
    again = broadcast(request.version, [request.agent], actor=cast.manager, idempotency_key="k2")
    assert rungs(again) == {"theirs": Rung.QUEUED}
    assert BroadcastRequest.objects.get().state == RequestState.ACCEPTED


def test_an_owner_may_decline_with_a_reason(cast: Cast) -> None:
    theirs = make_agent(cast.team, "theirs", (cast.manager, OwnerRole.PRIMARY), (cast.chief, OwnerRole.SECOND))
    version = approved(signed(a_draft(cast), [cast.agent], cast.owner))
    broadcast(version, [cast.agent, theirs], actor=cast.owner, idempotency_key="k")
    request = BroadcastRequest.objects.get()
    with pytest.raises(NotAllowed):
        decline_request(request, actor=cast.owner, reason="No")
    with pytest.raises(Invalid):
        decline_request(request, actor=cast.manager, reason=" ")
    decline_request(request, actor=cast.manager, reason="Legal first")
    assert BroadcastRequest.objects.get().state == RequestState.DECLINED


def test_our_own_agents_confirm_because_their_next_run_is_told(house: Cast) -> None:
    chosen = agents(house, 2)
    version = a_draft(house)
    found = sent(version, chosen, house.owner)
    assert deliver() == 2
    assert set(rungs(found).values()) == {Rung.STORED}
    run = Run.objects.create(agent=chosen[0])
    text, sha256 = give_context(run)
    delivery = found.deliveries.get(agent=chosen[0])
    assert (text, sha256) == (delivery.text, delivery.sha256)
    assert "$429.00" in text
    assert ContextUse.objects.get().version == version
    assert queries.context_of(chosen[0]) == [version]


def test_an_agent_without_an_interface_gets_the_text_to_copy_and_a_tick(house: Cast) -> None:
    [agent] = agents(house, 1, Vendor.MANUAL)
    found = sent(a_draft(house), [agent], house.owner)
    deliver()
    delivery = found.deliveries.get()
    assert delivery.state == Rung.MANUAL_PENDING
    assert list(queries.not_confirmed(house.owner)) == [delivery]
    with pytest.raises(Invalid):
        confirm_manual(delivery, actor=house.owner, evidence="", minutes=2)
    with pytest.raises(NotAllowed):
        confirm_manual(delivery, actor=house.backup, evidence="Pasted", minutes=2)
    confirm_manual(delivery, actor=house.owner, evidence="Pasted under Campaign", minutes=2)
    again = confirm_manual(delivery, actor=house.second, evidence="Pasted twice", minutes=9)
    assert again.state == Rung.MANUAL_DONE
    receipt = delivery.receipts.get(rung=Rung.MANUAL_DONE)
    assert (receipt.by, receipt.minutes, receipt.sha256) == (house.owner, 2, delivery.sha256)
    assert not queries.not_confirmed(house.owner).exists()


def test_a_newer_version_overtakes_an_older_one_that_is_still_on_its_way(house: Cast) -> None:
    older = sent(a_draft(house), [house.agent], house.owner)
    draft = edit_draft(begin_version(older.campaign, actor=house.owner), actor=house.owner, price_micros=399_000_000)
    newer = sent(draft, [house.agent], house.owner, "price")
    assert (rungs(older), rungs(newer)) == ({"refund-agent": Rung.NOT_APPLICABLE}, {"refund-agent": Rung.QUEUED})
    assert deliver() == 1
    assert "$399.00" in next_context(house.agent)
    older.version.refresh_from_db()  # type: ignore[union-attr]
    assert older.version.state == VersionState.SUPERSEDED  # type: ignore[union-attr]


def test_a_recall_gives_every_agent_back_what_it_had(house: Cast) -> None:
    older = sent(a_draft(house), [house.agent], house.owner)
    draft = edit_draft(begin_version(older.campaign, actor=house.owner), actor=house.owner, price_micros=1_000_000)
    newer = sent(draft, [house.agent], house.owner, "price")
    deliver()
    with pytest.raises(Invalid):
        recall(newer, actor=house.owner, reason="")
    with pytest.raises(NotAllowed):
        recall(newer, actor=house.backup, reason="Wrong price")
    back = recall(newer, actor=house.owner, reason="Wrong price")
    assert recall(newer, actor=house.owner, reason="Wrong price") == back
    assert deliver() == 1
    assert rungs(back) == {"refund-agent": Rung.STORED}
    assert "$429.00" in next_context(house.agent)
    states = dict(older.campaign.versions.values_list("number", "state"))
    assert states == {1: VersionState.LIVE, 2: VersionState.ENDED}


def test_what_passed_when_it_was_validated_is_checked_again_when_it_is_sent(cast: Cast) -> None:
    ready = approved(signed(a_draft(cast, languages=["en"]), [cast.agent], cast.owner))
    [other] = agents(cast, 1)
    Agent.objects.filter(pk=other.pk).update(language="es")
    with pytest.raises(Conflict, match="Not written in the language of ours 0"):
        broadcast(ready, [cast.agent, other], actor=cast.owner, idempotency_key="k")
    set_rules(cast.team, actor=cast.chief, link_hosts=[], banned_terms=["group rate"])
    with pytest.raises(Invalid, match="cannot be broadcast"):
        broadcast(ready, [cast.agent], actor=cast.owner, idempotency_key="k")
    assert not Broadcast.objects.exists()


def test_sent_is_confirmed_nowhere(cast: Cast) -> None:
    [agent] = agents(cast, 1, Vendor.WEBHOOK)
    version = sent(a_draft(cast), [agent], cast.owner).version
    Delivery.objects.update(state=Rung.SENT, created_at=timezone.now() - dt.timedelta(hours=1))
    [shown] = queries.in_force(cast.team)
    assert (shown.confirmed, shown.open, shown.propagated) == (0, 1, None)
    assert not Delivery.objects.get().is_confirmed
    assert not queries.context_held([agent]).exists()
    assert [row.agent for row in queries.not_confirmed(cast.owner)] == [agent]
    assert [row.agent for row in queries.stale(dt.timedelta(minutes=30))] == [agent]
    assert (version, shown.counts) == (shown.version, {Rung.SENT: 1})


def test_only_whoever_may_tell_all_of_its_agents_recalls_a_broadcast(cast: Cast) -> None:
    theirs = make_agent(cast.team, "theirs", (cast.manager, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND))
    found = sent(a_draft(cast), [cast.agent, theirs], cast.second)
    with pytest.raises(NotAllowed, match="Not yours to recall at refund agent"):
        recall(found, actor=cast.manager, reason="Wrong price")
    assert recall(found, actor=cast.second, reason="Wrong price").deliveries.count() == 2


def test_a_recall_restores_nothing_that_has_run_out(cast: Cast) -> None:
    older = sent(a_draft(cast), [cast.agent], cast.owner)
    draft = edit_draft(begin_version(older.campaign, actor=cast.owner), actor=cast.owner, price_micros=1_000_000)
    newer = sent(draft, [cast.agent], cast.owner, "price")
    older.campaign.versions.filter(number=1).update(valid_to=timezone.now())
    fresh = Broadcast.objects.get(pk=newer.pk)
    assert recall(fresh, actor=cast.owner, reason="Wrong price").version is None
    assert not older.campaign.versions.filter(state=VersionState.LIVE).exists()


def test_a_recall_of_the_first_version_withdraws_the_campaign(house: Cast) -> None:
    [manual] = agents(house, 1, Vendor.MANUAL)
    first = sent(a_draft(house), [house.agent, manual], house.owner)
    deliver()
    back = recall(first, actor=house.owner, reason="Never meant to leave")
    deliver()
    assert rungs(back) == {"refund-agent": Rung.STORED, "manual-0": Rung.MANUAL_PENDING}
    assert next_context(house.agent) == ""
    assert "no longer applies" in back.deliveries.get(agent=manual).text
    with pytest.raises(Conflict):
        recall(back, actor=house.owner, reason="No")
