"""Two people for what touches price, law or every agent; canaries before the rest."""

from typing import Any

import pytest
from django.db import transaction

from agents.base.errors import Conflict, NotAllowed
from agents.fleet.enums import OwnerRole
from agents.runs.models import RunException
from campaigns.actions import (
    approve_version,
    begin_version,
    broadcast,
    deliver,
    edit_draft,
    next_context,
    recall,
    release,
    release_proved,
    take_receipt,
    watch,
)
from campaigns.actions.receipts import held
from campaigns.enums import Rung, VersionState
from campaigns.invariants import INVARIANTS
from campaigns.models import Approval, Broadcast
from campaigns.queries import second_reasons
from tests.campaigns.stage import a_draft, agents, approved, sent, signed
from tests.cast import Cast, make_agent, make_cast


@pytest.mark.parametrize(
    ("facts", "everybody", "reasons"),
    [
        ({}, False, ["it sets a price"]),
        ({"price_micros": None, "claims": ["Forty speakers | programme"]}, False, ["it makes claims"]),
        ({"price_micros": None}, True, ["it goes to every agent"]),
        ({"price_micros": None}, False, []),
    ],
)
def test_price_law_and_everybody_need_a_second_person(
    cast: Cast, facts: dict[str, Any], everybody: bool, reasons: list[str]
) -> None:
    [other] = agents(cast, 1)
    version, chosen = a_draft(cast, **facts), [cast.agent, other] if everybody else [other]
    assert [str(reason) for reason in second_reasons(version, chosen)] == reasons
    ready = signed(version, chosen, cast.owner)
    if reasons:
        with pytest.raises(Conflict, match=reasons[0]):
            broadcast(ready, chosen, actor=cast.owner, idempotency_key="k")
        approved(ready)
    assert broadcast(ready, chosen, actor=cast.owner, idempotency_key="k").deliveries.count() == len(chosen)


def test_nobody_approves_what_they_validated_nor_what_was_edited_since(cast: Cast) -> None:
    version = a_draft(cast)
    with pytest.raises(Conflict, match="Validate"):
        approve_version(version, actor=cast.second, revision=1)
    signed(version, [cast.agent], cast.owner)
    with pytest.raises(NotAllowed):
        approve_version(version, actor=cast.owner, revision=1)
    with pytest.raises(NotAllowed):
        approve_version(version, actor=cast.auditor, revision=1)
    first = approve_version(version, actor=cast.second, revision=1)
    assert approve_version(version, actor=cast.second, revision=1) == first
    edit_draft(version, actor=cast.second, price_micros=1_000_000)
    edit_draft(version, actor=cast.second, price_micros=2_000_000, offer="Late ticket", valid_to=None)
    with pytest.raises(Conflict, match="edited") as late:
        approve_version(version, actor=cast.second, revision=1)
    changed = late.value.fields
    assert (changed["offer"], changed["price"]) == (
        ["Early-bird ticket → Late ticket"],
        ["$429.00 → $2.00"],
    )
    assert changed["validity"][0].endswith(" → –")
    assert set(changed) == {"offer", "price", "validity"}
    ready = signed(version, [cast.agent], cast.owner)
    with pytest.raises(Conflict, match="second person"):
        broadcast(ready, [cast.agent], actor=cast.owner, idempotency_key="k")
    assert Approval.objects.count() == 1


@pytest.fixture
def house(transactional_db: None) -> Cast:
    return make_cast()


def canaried(house: Cast, **how: object) -> Broadcast:
    """Four agents, the first of them told first."""
    chosen = agents(house, 4)
    return sent(a_draft(house), chosen, house.owner, canaries=chosen[:1], **how)


def rungs(found: Broadcast) -> list[tuple[bool, str]]:
    return list(found.deliveries.order_by("agent__slug").values_list("on_hold", "state"))


def nothing_is_wrong() -> None:
    assert [problem for _name, ask in INVARIANTS for problem in ask()] == []


def test_the_others_wait_until_a_person_releases_them(house: Cast) -> None:
    found = canaried(house)
    assert deliver() == 1
    assert rungs(found) == [(False, Rung.STORED), *[(True, Rung.QUEUED)] * 3]
    last = found.deliveries.order_by("agent__slug").last()
    assert last is not None
    assert next_context(last.agent) == ""
    release_proved()
    watch()
    assert not RunException.objects.exists()
    nothing_is_wrong()
    with pytest.raises(NotAllowed):
        release(found, actor=house.manager)
    assert release(found, actor=house.owner) == 3
    with pytest.raises(Conflict):
        release(found, actor=house.owner)
    deliver()
    assert rungs(found) == [(False, Rung.STORED)] * 4


def test_only_whoever_may_tell_all_who_wait_releases_them(house: Cast) -> None:
    found = canaried(house)
    make_agent(house.team, "theirs", (house.manager, OwnerRole.PRIMARY), (house.chief, OwnerRole.SECOND))
    with pytest.raises(NotAllowed, match="not yours to tell"):
        release(found, actor=house.manager)


def test_they_are_told_by_themselves_when_the_canary_has_repeated_it(house: Cast) -> None:
    found = canaried(house, auto_release=True)
    deliver()
    release_proved()
    assert deliver() == 0
    with transaction.atomic():
        canary = held(found.deliveries.get(on_hold=False))
        take_receipt(canary, Rung.ECHOED, evidence={"answer": "$429.00"}, sha256=canary.sha256)
        canary.save()
    release_proved()
    assert deliver() == 3
    nothing_is_wrong()


def test_what_waits_neither_overtakes_nor_outlives_a_recall(house: Cast) -> None:
    before = sent(a_draft(house), agents(house, 4), house.owner)
    deliver()
    draft = edit_draft(begin_version(before.campaign, actor=house.owner), actor=house.owner, price_micros=1_000_000)
    chosen = [row.agent for row in before.deliveries.select_related("agent").order_by("agent__slug")]
    newer = sent(draft, chosen, house.owner, "price", canaries=chosen[:1])
    deliver()
    assert ["$1.00" in next_context(agent) for agent in chosen] == [True, False, False, False]
    back = recall(newer, actor=house.owner, reason="Wrong price")
    assert [row.agent for row in back.deliveries.select_related("agent")] == chosen[:1]
    deliver()
    assert not any("$1.00" in next_context(agent) for agent in chosen)
    assert [state for _held, state in rungs(newer)] == [Rung.STORED, *[Rung.NOT_APPLICABLE] * 3]
    assert back.version is not None
    assert back.version.state == VersionState.LIVE
    nothing_is_wrong()
