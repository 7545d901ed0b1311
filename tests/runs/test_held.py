"""Above the policy's amount two people approve the very same thing, or nothing happens."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.engine import digest
from agents.fleet.actions import require_second_person
from agents.fleet.models import PolicyVersion
from agents.people.models import User
from agents.runs.actions import claim_item, decide, release_item, sweep, undo_decision
from agents.runs.enums import DecisionKind, DecisionState, ItemState, RunState
from agents.runs.execution.drive import drive
from agents.runs.models import Decision, ReviewItem, Run, RunException, Step
from agents.runs.stakes import amounts
from audit.models import AuditEvent
from tests.cast import Cast
from tests.runs.toys import item_of, started

K = DecisionKind
DOLLAR = 1_000_000
REFUND = {"tool": "refund", "arguments": {"order": 7}, "amount_micros": 412 * DOLLAR, "currency": "USD"}


@pytest.fixture
def limit(cast: Cast) -> None:
    """What is above $100 needs two people."""
    require_second_person(cast.agent, above_micros=100 * DOLLAR, actor=cast.owner)


def proposed(cast: Cast, proposal: dict[str, Any] | None = None) -> ReviewItem:
    input = {"text": "hello", "reason": "approval", "proposal": proposal or REFUND}
    run = started(cast.agent, "asking", input)
    drive(run.pk)
    return item_of(run)


def say(item: ReviewItem, actor: User, kind: DecisionKind, **more: Any) -> Decision:
    sha256 = more.pop("sha256", RunException.objects.get(item=item).proposal_sha256)
    key = f"{actor.pk}-{kind}-{Decision.objects.count()}"
    return decide(item, actor=actor, kind=kind, proposal_sha256=sha256, idempotency_key=key, **more)


def run_of(item: ReviewItem) -> Run:
    return Run.objects.get(exceptions__item=item)


def answer(item: ReviewItem) -> Any:
    return Step.objects.get(run=run_of(item), kind="person").output


@pytest.mark.usefixtures("limit")
def test_two_people_approve_and_then_it_happens(cast: Cast) -> None:
    item = proposed(cast)
    first = say(item, cast.owner, K.APPROVE)
    item.refresh_from_db()
    assert (first.state, item.state, run_of(item).state) == (DecisionState.HELD, ItemState.HELD, RunState.WAITING)
    say(item, cast.second, K.APPROVE)
    assert run_of(item).state == RunState.QUEUED
    assert answer(item) == {"decision": "approve", "proposal": REFUND, "note": ""}
    assert set(AuditEvent.objects.filter(verb__startswith="decision.").values_list("verb", "actor_id")) == {
        ("decision.held", cast.owner.pk),
        ("decision.made", cast.second.pk),
    }


@pytest.mark.usefixtures("limit")
def test_nobody_is_his_own_second_person(cast: Cast) -> None:
    item = proposed(cast)
    say(item, cast.owner, K.APPROVE)
    for kind in (K.APPROVE, K.REJECT, K.EDIT):
        with pytest.raises(NotAllowed) as refusal:
            say(item, cast.owner, kind)
        assert refusal.value.code == "self_approval"
    assert run_of(item).state == RunState.WAITING


@pytest.mark.usefixtures("limit")
def test_the_second_person_rejects_and_nothing_happens(cast: Cast) -> None:
    item = proposed(cast)
    say(item, cast.owner, K.APPROVE)
    say(item, cast.second, K.REJECT, note="too much")
    assert answer(item) == {"decision": "reject", "proposal": None, "note": "too much"}


@pytest.mark.usefixtures("limit")
def test_who_approved_first_does_not_take_back_what_the_second_said(cast: Cast) -> None:
    item = proposed(cast)
    first = say(item, cast.owner, K.APPROVE)
    second = say(item, cast.second, K.REJECT, note="too much", grace_s=60)
    with pytest.raises(Conflict) as refusal:
        undo_decision(first, actor=cast.owner)
    item.refresh_from_db()
    assert (refusal.value.code, item.state) == ("already_decided", ItemState.DECIDED)
    undo_decision(second, actor=cast.second)
    undo_decision(first, actor=cast.owner)
    item.refresh_from_db()
    assert item.state == ItemState.OPEN


@pytest.mark.usefixtures("limit")
def test_what_was_held_when_its_time_was_up_is_not_taken_back(cast: Cast) -> None:
    item = proposed(cast)
    first = say(item, cast.owner, K.APPROVE)
    RunException.objects.filter(item=item).update(expires_at=timezone.now() - timedelta(seconds=1))
    sweep()
    Run.objects.update(state=RunState.WAITING)  # for the answer to its next question
    with pytest.raises(Conflict):
        undo_decision(first, actor=cast.owner)
    item.refresh_from_db()
    assert item.state == ItemState.DECIDED


@pytest.mark.usefixtures("limit")
def test_what_the_first_made_of_it_is_what_the_second_approves(cast: Cast) -> None:
    item = proposed(cast)
    more = {**REFUND, "amount_micros": 300 * DOLLAR}
    say(item, cast.owner, K.EDIT, payload=more)
    with pytest.raises(Conflict) as refusal:
        say(item, cast.second, K.APPROVE)
    assert refusal.value.code == "changed"
    with pytest.raises(Invalid):
        say(item, cast.second, K.EDIT, payload=REFUND)
    say(item, cast.second, K.APPROVE, sha256=digest(more))
    assert answer(item) == {"decision": "edit", "proposal": more, "note": ""}


@pytest.mark.usefixtures("limit")
def test_below_the_limit_one_is_enough_also_after_an_edit(cast: Cast) -> None:
    item = proposed(cast)
    assert say(item, cast.owner, K.EDIT, payload={**REFUND, "amount_micros": 100 * DOLLAR}).state == "released"


@pytest.mark.usefixtures("limit")
@pytest.mark.parametrize(
    "proposal",
    [
        {"amount": "a lot", "currency": "USD"},
        {"amount": 1, "currency": "EUR"},
        {"calls": [{"amount_micros": 1}, {"arguments": {"amount": "100.01"}}]},
        {"amount": -500},
    ],
    ids=["not a number", "another currency", "inside a list", "negative"],
)
def test_what_cannot_be_compared_is_held(cast: Cast, proposal: dict[str, Any]) -> None:
    assert say(proposed(cast, proposal), cast.owner, K.APPROVE).state == DecisionState.HELD


@pytest.mark.usefixtures("limit")
def test_the_first_takes_it_back_and_only_the_first(cast: Cast) -> None:
    item = proposed(cast)
    held = say(item, cast.owner, K.APPROVE)
    with pytest.raises(NotAllowed):
        undo_decision(held, actor=cast.second)
    undo_decision(held, actor=cast.owner)
    item.refresh_from_db()
    assert item.state == ItemState.OPEN
    assert say(item, cast.owner, K.APPROVE).state == DecisionState.HELD


@pytest.mark.usefixtures("limit")
def test_what_is_held_stays_held_when_somebody_looked_at_it(cast: Cast) -> None:
    item = proposed(cast)
    say(item, cast.owner, K.APPROVE)
    claim_item(item, actor=cast.second)
    assert release_item(item, actor=cast.second).state == ItemState.HELD
    claim_item(item, actor=cast.second)
    ReviewItem.objects.update(claimed_until="2000-01-01T00:00:00Z")
    sweep()
    item.refresh_from_db()
    assert item.state == ItemState.HELD


@pytest.mark.usefixtures("limit")
def test_whoever_decided_first_does_not_take_it_from_the_second(cast: Cast) -> None:
    item = proposed(cast)
    say(item, cast.owner, K.APPROVE)
    with pytest.raises(Conflict):
        claim_item(item, actor=cast.owner)
    assert say(item, cast.second, K.APPROVE).state == DecisionState.RELEASED


def test_without_a_limit_one_person_is_enough(cast: Cast) -> None:
    assert say(proposed(cast), cast.owner, K.APPROVE).state == DecisionState.RELEASED


def test_the_lower_limit_holds_and_each_change_is_a_version(cast: Cast) -> None:
    require_second_person(cast.agent, above_micros=50 * DOLLAR, actor=cast.chief, whole_team=True)
    require_second_person(cast.agent, above_micros=900 * DOLLAR, actor=cast.owner)
    assert say(proposed(cast), cast.owner, K.APPROVE).state == DecisionState.HELD
    require_second_person(cast.agent, above_micros=None, actor=cast.chief, whole_team=True)
    assert say(proposed(cast), cast.owner, K.APPROVE).state == DecisionState.RELEASED
    assert list(PolicyVersion.objects.order_by("number").values_list("number", flat=True)) == [1, 2, 3]
    for person, whole_team in ((cast.owner, True), (cast.second, False), (cast.engineer, True)):
        with pytest.raises(NotAllowed):
            require_second_person(cast.agent, above_micros=1, actor=person, whole_team=whole_team)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner)), st.text())
def test_any_amount_is_a_whole_number(value: Any, currency: str) -> None:
    for micros, _currency in amounts({"amount": value, "currency": currency, "arguments": {"total_micros": value}}):
        assert type(micros) is int
        assert micros >= 0
