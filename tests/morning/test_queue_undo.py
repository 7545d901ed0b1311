"""A decision can be taken back until its effect has left; then never."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from agents.base.errors import Conflict, NotAllowed
from agents.runs.actions import AlreadyDecided, cancel_run, claim_item, decide, release_due, sweep, undo_decision
from agents.runs.enums import DecisionKind, DecisionState, ExceptionState, ItemState, RunState
from agents.runs.execution.drive import drive
from agents.runs.invariants import INVARIANTS
from agents.runs.models import Decision, ReviewItem, Run, RunException, Step
from audit.models import AuditEvent
from tests.cast import Cast, make_cast
from tests.morning.stage import ago
from tests.runs.toys import item_of, started

K = DecisionKind
GRACE_S = 60.0
PROPOSAL = {"tool": "refund", "amount": 120}


def asked(cast: Cast) -> ReviewItem:
    """A run waits for leave to do something."""
    run = started(cast.agent, "asking", {"text": "hello", "reason": "approval", "proposal": PROPOSAL})
    drive(run.pk)
    return item_of(run)


def approve(cast: Cast, item: ReviewItem, **how: Any) -> Decision:
    assert item.exception
    seen = {"proposal_sha256": item.exception.proposal_sha256, "idempotency_key": "k", "grace_s": GRACE_S}
    return decide(item, **{"actor": cast.owner, "kind": K.APPROVE, **seen, **how})


def run_of(item: ReviewItem) -> Run:
    return Run.objects.get(exceptions__item=item)


def its_hour_comes() -> None:
    Decision.objects.filter(state=DecisionState.PENDING).update(releases_at=ago(seconds=1))


def broken() -> list[str]:
    return [problem for _name, ask in INVARIANTS for problem in ask()]


def test_nothing_leaves_before_its_hour(cast: Cast) -> None:
    item = asked(cast)
    decision = approve(cast, item)
    item.refresh_from_db()
    assert (decision.state, item.state) == (DecisionState.PENDING, ItemState.DECIDED)
    release_due()
    assert run_of(item).state == RunState.WAITING
    assert broken() == []
    its_hour_comes()
    sweep()
    decision.refresh_from_db()
    assert (decision.state, run_of(item).state) == (DecisionState.RELEASED, RunState.QUEUED)
    assert Step.objects.get(run=run_of(item), kind="person").output == {
        "decision": "approve",
        "proposal": PROPOSAL,
        "note": "",
    }


def test_what_is_undone_is_asked_again_and_the_trail_knows(cast: Cast) -> None:
    item = asked(cast)
    undo_decision(approve(cast, item), actor=cast.owner)
    its_hour_comes()
    sweep()
    item.refresh_from_db()
    exception = RunException.objects.get(item=item)
    assert (item.state, item.decided_at, exception.state, exception.answer) == (
        ItemState.OPEN,
        None,
        ExceptionState.OPEN,
        None,
    )
    assert run_of(item).state == RunState.WAITING
    assert AuditEvent.objects.get(verb="decision.undone").actor_id == cast.owner.pk
    again = approve(cast, item, idempotency_key="again", grace_s=0)
    assert (again.state, run_of(item).state) == (DecisionState.RELEASED, RunState.QUEUED)


def test_what_was_put_off_is_there_again(cast: Cast) -> None:
    item = asked(cast)
    undo_decision(approve(cast, item, kind=K.SKIP, note="later"), actor=cast.owner)
    item.refresh_from_db()
    assert (item.state, item.snoozed_until) == (ItemState.OPEN, None)


def test_what_was_put_off_and_then_decided_stays_decided(cast: Cast) -> None:
    item = asked(cast)
    later = approve(cast, item, kind=K.SKIP, note="later")
    decision = approve(cast, item, actor=cast.second, idempotency_key="k2")
    with pytest.raises(Conflict) as refusal:
        undo_decision(later, actor=cast.owner)
    decision.refresh_from_db()
    assert (refusal.value.code, decision.state) == ("already_decided", DecisionState.PENDING)
    assert broken() == []


def test_what_has_left_is_not_undone(cast: Cast) -> None:
    item = asked(cast)
    decision = approve(cast, item)
    its_hour_comes()
    release_due()
    with pytest.raises(Conflict) as refusal:
        undo_decision(decision, actor=cast.owner)
    assert refusal.value.code == "released"
    assert run_of(item).state == RunState.QUEUED


def test_undone_twice_is_undone_once(cast: Cast) -> None:
    decision = approve(cast, asked(cast))
    undo_decision(decision, actor=cast.owner)
    undo_decision(decision, actor=cast.owner)
    assert AuditEvent.objects.filter(verb="decision.undone").count() == 1


def test_only_who_may_review_undoes(cast: Cast) -> None:
    decision = approve(cast, asked(cast))
    for person in (cast.trainee, cast.auditor, cast.rival):
        with pytest.raises(NotAllowed):
            undo_decision(decision, actor=person)


def test_while_it_can_be_undone_the_late_second_click_is_told_who_decided(cast: Cast) -> None:
    item = asked(cast)
    approve(cast, item)
    with pytest.raises(AlreadyDecided) as refusal:
        approve(cast, item, actor=cast.second, idempotency_key="late")
    assert refusal.value.message.startswith("Amelia already decided this (Approve, ")


def test_a_run_that_went_on_by_itself_takes_no_decision_back(cast: Cast) -> None:
    item = asked(cast)
    decision = approve(cast, item)
    Run.objects.update(state=RunState.CANCELLED)
    with pytest.raises(Conflict) as refusal:
        undo_decision(decision, actor=cast.owner)
    assert refusal.value.code == "gone_on"


def test_a_run_that_was_stopped_meanwhile_stays_stopped_and_what_was_decided_is_not_in_effect(cast: Cast) -> None:
    item = asked(cast)
    decision = approve(cast, item)
    cancel_run(run_of(item), actor=cast.owner)
    its_hour_comes()
    sweep()
    decision.refresh_from_db()
    exception = RunException.objects.get()
    assert (run_of(item).state, decision.state) == (RunState.CANCELLED, DecisionState.REFUSED)
    assert (exception.state, exception.evidence["refused"]) == (ExceptionState.RESOLVED, "The run was cancelled.")
    assert AuditEvent.objects.filter(verb="decision.refused").count() == 1
    assert broken() == []


def test_of_a_run_that_was_stopped_nobody_s_word_is_held_for_a_second_person(cast: Cast) -> None:
    item = asked(cast)
    decision = approve(cast, item)
    Decision.objects.update(state=DecisionState.HELD, releases_at=None)
    cancel_run(run_of(item), actor=cast.owner)
    decision.refresh_from_db()
    assert decision.state == DecisionState.REFUSED


def test_what_was_put_off_and_then_settled_is_not_opened_again(cast: Cast) -> None:
    item = asked(cast)
    skipped = decide(item, actor=cast.owner, kind=K.SKIP, note="later", idempotency_key="s", grace_s=GRACE_S)
    approve(cast, item, actor=cast.second, grace_s=0)
    its_hour_comes()
    sweep()
    item.refresh_from_db()
    skipped.refresh_from_db()
    assert (item.state, skipped.state) == (ItemState.DECIDED, DecisionState.RELEASED)
    assert RunException.objects.get().state == ExceptionState.RESOLVED


def test_what_changed_after_it_was_approved_does_not_run(cast: Cast) -> None:
    item = asked(cast)
    decision = approve(cast, item)
    RunException.objects.update(proposal={**PROPOSAL, "amount": 12_000})
    its_hour_comes()
    sweep()
    decision.refresh_from_db()
    item.refresh_from_db()
    assert (decision.state, item.state) == (DecisionState.REFUSED, ItemState.OPEN)
    assert run_of(item).state == RunState.WAITING
    assert RunException.objects.get().evidence["refused"] == "what would have happened was no longer what was decided"
    assert AuditEvent.objects.filter(verb="decision.refused").count() == 1


def test_one_effect_that_fails_goes_back_to_people_and_does_not_keep_the_others(cast: Cast) -> None:
    first, second = asked(cast), asked(cast)
    approve(cast, first)
    approve(cast, second)
    its_hour_comes()
    Decision.objects.filter(item=first).update(kind="nonsense")
    sweep()
    assert run_of(second).state == RunState.QUEUED
    assert run_of(first).state == RunState.WAITING
    first.refresh_from_db()
    assert first.state == ItemState.OPEN
    assert Decision.objects.get(item=first).state == DecisionState.REFUSED
    assert RunException.objects.get(item=first).evidence["refused"].startswith("what was decided could not")


@pytest.mark.django_db(transaction=True)
def test_of_undoing_and_leaving_at_once_one_happens() -> None:
    cast = make_cast()
    for _round in range(5):
        item = asked(cast)
        decision = approve(cast, item)
        its_hour_comes()
        undone: list[bool] = []
        together([lambda d=decision, u=undone: undo(d, cast, u), release_due, release_due])
        decision.refresh_from_db()
        went = decision.state == DecisionState.RELEASED
        assert (run_of(item).state == RunState.QUEUED, bool(undone)) == (went, not went)
    assert broken() == []


def undo(decision: Decision, cast: Cast, undone: list[bool]) -> None:
    try:
        undo_decision(decision, actor=cast.second)
        undone.append(True)
    except Conflict:
        pass


def together(acts: list[Callable[..., object]]) -> None:
    def closing(act: Callable[..., object]) -> None:
        try:
            act()
        finally:
            connection.close()

    threads = [threading.Thread(target=closing, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _standing(item: ReviewItem) -> tuple[Any, ...]:
    fresh = ReviewItem.objects.select_related("exception").get(pk=item.pk)
    assert fresh.exception
    return fresh.state, fresh.exception.severity, fresh.rank, fresh.assignee_id, fresh.hops, fresh.escalate_at


def test_an_escalation_is_taken_back_whoever_it_was_handed_to(cast: Cast) -> None:
    item = asked(cast)
    before = _standing(item)
    escalated = decide(item, actor=cast.owner, kind=K.ESCALATE, idempotency_key="e", grace_s=GRACE_S)
    sweep()
    assert _standing(item)[3] == cast.second.pk
    undo_decision(escalated, actor=cast.owner)
    assert _standing(item) == before
    assert AuditEvent.objects.filter(verb="decision.undone").count() == 1
    undo_decision(escalated, actor=cast.owner)
    assert AuditEvent.objects.filter(verb="decision.undone").count() == 1


@pytest.mark.parametrize("act", ["claims", "decides"])
def test_an_escalation_on_which_somebody_acted_stands(cast: Cast, act: str) -> None:
    item = asked(cast)
    escalated = decide(item, actor=cast.owner, kind=K.ESCALATE, idempotency_key="e")
    with pytest.raises(NotAllowed):
        undo_decision(escalated, actor=cast.second)
    if act == "claims":
        claim_item(item, actor=cast.second)
    else:
        approve(cast, item, actor=cast.second)
    with pytest.raises(Conflict) as refused:
        undo_decision(escalated, actor=cast.owner)
    assert refused.value.code == "acted"
