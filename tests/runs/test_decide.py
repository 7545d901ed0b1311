"""The one door through which a person decides."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from django.utils.formats import time_format

from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.engine import Json
from agents.fleet.models import PolicyVersion
from agents.people.models import User
from agents.runs.actions import (
    AlreadyDecided,
    claim_item,
    decide,
    raise_exception,
    release_item,
    resolve_exception,
    snooze_item,
    sweep,
)
from agents.runs.enums import DecisionKind, ExceptionKind, ExceptionState, ItemState, RunState, Severity
from agents.runs.execution.drive import drive
from agents.runs.models import Decision, ReviewItem, Run, RunException, Step
from agents.runs.ranking import reasons
from audit.models import AuditEvent, AuditPayload
from tests.cast import Cast, make_cast
from tests.runs.toys import item_of, started

K = DecisionKind
PROPOSAL = {"tool": "refund", "amount": 120}
SCHEMA = {"type": "object", "properties": {"days": {"type": "integer", "minimum": 1}}, "required": ["days"]}


def waiting(cast: Cast, **input: Json) -> ReviewItem:
    """What a person is asked by a run that waits."""
    run = started(cast.agent, "asking", {"text": "hello", **input})
    drive(run.pk)
    return item_of(run)


def proposed(cast: Cast) -> ReviewItem:
    return waiting(cast, reason="approval", proposal=PROPOSAL)


def seen(item: ReviewItem) -> str:
    """The hash of what is proposed, as the person's page carried it."""
    return RunException.objects.get(item=item).proposal_sha256


def answer_of(item: ReviewItem) -> Json:
    exception = RunException.objects.get(item=item)
    step = Step.objects.get(run=exception.run, key=exception.step_key)
    assert step.output == exception.answer
    return step.output


def run_of(item: ReviewItem) -> Run:
    return Run.objects.get(exceptions__item=item)


def test_what_is_approved_is_what_was_seen(cast: Cast) -> None:
    item = proposed(cast)
    sha256 = seen(item)
    decision = decide(item, actor=cast.owner, kind=K.APPROVE, proposal_sha256=sha256, idempotency_key="k")
    assert decision.proposal_sha256 == sha256
    assert answer_of(item) == {"decision": "approve", "proposal": PROPOSAL, "note": ""}
    assert run_of(item).state == RunState.QUEUED


@pytest.mark.parametrize("sha256", ["", "0" * 64])
def test_nothing_is_approved_unseen(cast: Cast, sha256: str) -> None:
    with pytest.raises(Conflict) as refusal:
        decide(proposed(cast), actor=cast.owner, kind=K.APPROVE, proposal_sha256=sha256, idempotency_key="k")
    assert refusal.value.code == "changed"


def test_an_edited_proposal_is_what_may_happen(cast: Cast) -> None:
    item = proposed(cast)
    less = {"tool": "refund", "amount": 20}
    decide(item, actor=cast.owner, kind=K.EDIT, payload=less, note="too much", idempotency_key="k")
    assert answer_of(item) == {"decision": "edit", "proposal": less, "note": "too much"}


def test_a_rejected_proposal_leaves_nothing_to_happen(cast: Cast) -> None:
    item = proposed(cast)
    decide(item, actor=cast.owner, kind=K.REJECT, note="no", idempotency_key="k")
    assert answer_of(item) == {"decision": "reject", "proposal": None, "note": "no"}


def test_an_answer_fits_the_question(cast: Cast) -> None:
    item = waiting(cast, schema=SCHEMA)
    with pytest.raises(Invalid) as refusal:
        decide(item, actor=cast.owner, kind=K.RESPOND, payload={"days": 0}, idempotency_key="k")
    assert list(refusal.value.fields) == ["days"]
    decide(item, actor=cast.owner, kind=K.RESPOND, payload={"days": 3}, idempotency_key="k")
    assert answer_of(item) == {"days": 3}


@pytest.mark.parametrize("schema", [{}, {"type": "no such type"}])
def test_a_question_without_a_usable_schema_is_answered_in_words(cast: Cast, schema: Json) -> None:
    item = waiting(cast, schema=schema)
    with pytest.raises(Invalid):
        decide(item, actor=cast.owner, kind=K.RESPOND, idempotency_key="k")
    decide(item, actor=cast.owner, kind=K.RESPOND, note="On Monday", idempotency_key="k")
    assert answer_of(item) == {"text": "On Monday"}


def test_a_question_is_not_ignored_while_a_run_waits_for_it(cast: Cast) -> None:
    item = waiting(cast)
    for kind in (K.IGNORE, K.APPROVE, K.NEEDS_CHANGE):
        with pytest.raises(Invalid):
            decide(item, actor=cast.owner, kind=kind, idempotency_key="k")


def test_a_report_is_closed_with_a_word_or_ignored(cast: Cast) -> None:
    for kind, note in ((K.RESPOND, "a typing error"), (K.IGNORE, "")):
        run = started(cast.agent, "broken")
        drive(run.pk)
        item = item_of(run)
        decide(item, actor=cast.owner, kind=kind, note=note, root_cause="tool", idempotency_key="k")
        assert RunException.objects.get(item=item).state == ExceptionState.RESOLVED
        assert run_of(item).state == RunState.FAILED


def test_the_same_decision_again_is_the_first_one(cast: Cast) -> None:
    item = waiting(cast)
    first = decide(item, actor=cast.owner, kind=K.RESPOND, note="Yes", idempotency_key="k")
    assert decide(item, actor=cast.owner, kind=K.RESPOND, note="Yes, again", idempotency_key="k") == first
    assert Decision.objects.count() == 1


@pytest.mark.parametrize(("who", "kind", "key"), [("second", K.RESPOND, "k"), ("owner", K.RESPOND, "other")])
def test_whoever_comes_late_learns_who_was_faster(cast: Cast, who: str, kind: K, key: str) -> None:
    item = waiting(cast)
    decide(item, actor=cast.owner, kind=K.RESPOND, note="Yes", idempotency_key="k")
    with pytest.raises(AlreadyDecided) as refusal:
        decide(item, actor=getattr(cast, who), kind=kind, note="No", idempotency_key=key)
    assert refusal.value.message.startswith("Amelia already decided this (Respond, ")
    assert refusal.value.status == 409


@pytest.mark.parametrize("who", ["trainee", "manager", "auditor", "engineer", "rival"])
def test_only_who_may_review_the_agent_decides(cast: Cast, who: str) -> None:
    item = waiting(cast)
    for act in (
        lambda user: decide(item, actor=user, kind=K.RESPOND, note="x", idempotency_key="k"),
        lambda user: claim_item(item, actor=user),
        lambda user: snooze_item(item, actor=user, until=timezone.now() + timedelta(hours=1)),
    ):
        with pytest.raises(NotAllowed):
            act(getattr(cast, who))


def test_a_decision_is_in_the_trail_with_what_it_was_about(cast: Cast) -> None:
    item = proposed(cast)
    sha256 = seen(item)
    decision = decide(item, actor=cast.owner, kind=K.APPROVE, proposal_sha256=sha256, idempotency_key="k")
    event = AuditEvent.objects.get(verb="decision.made")
    assert (event.object_id, event.actor_id, event.agent_id) == (decision.pk, cast.owner.pk, cast.agent.pk)


def test_an_escalated_item_stands_higher_and_stays_open(cast: Cast) -> None:
    item = waiting(cast)
    before = item.rank
    decide(item, actor=cast.owner, kind=K.ESCALATE, idempotency_key="k")
    item.refresh_from_db()
    assert item.rank > before
    assert (item.state, run_of(item).state) == (ItemState.OPEN, RunState.WAITING)
    assert reasons(item) == ["99 % likely wrong", "escalated", "High severity", "a run waits for it"]


def test_a_skipped_item_needs_a_reason_and_comes_back(cast: Cast) -> None:
    item = waiting(cast)
    with pytest.raises(Invalid):
        decide(item, actor=cast.owner, kind=K.SKIP, idempotency_key="k")
    decide(item, actor=cast.owner, kind=K.SKIP, note="ask Bo first", idempotency_key="k")
    item.refresh_from_db()
    assert item.state == ItemState.SNOOZED
    ReviewItem.objects.update(snoozed_until="2000-01-01T00:00:00Z")
    sweep()
    item.refresh_from_db()
    assert (item.state, item.snoozed_until) == (ItemState.OPEN, None)


def test_a_taken_item_is_left_to_who_took_it_until_the_claim_ends(cast: Cast) -> None:
    item = waiting(cast)
    claim_item(item, actor=cast.owner)
    with pytest.raises(Conflict) as refusal:
        decide(item, actor=cast.second, kind=K.RESPOND, note="Yes", idempotency_key="k")
    item.refresh_from_db()
    assert refusal.value.message == f"Amelia is on it until {time_format(timezone.localtime(item.claimed_until))}."
    with pytest.raises(Conflict):
        claim_item(item, actor=cast.second)
    ReviewItem.objects.update(claimed_until="2000-01-01T00:00:00Z")
    decide(item, actor=cast.second, kind=K.RESPOND, note="Yes", idempotency_key="k")
    assert answer_of(item) == {"text": "Yes"}


def test_a_claim_is_given_back_or_ends_by_itself(cast: Cast) -> None:
    item = waiting(cast)
    claim_item(item, actor=cast.owner)
    with pytest.raises(Conflict):
        release_item(item, actor=cast.second)
    assert release_item(item, actor=cast.owner).state == ItemState.OPEN
    claim_item(item, actor=cast.second)
    ReviewItem.objects.update(claimed_until="2000-01-01T00:00:00Z")
    sweep()
    item.refresh_from_db()
    assert (item.state, item.claimed_by) == (ItemState.OPEN, None)


def test_an_item_is_put_off_only_into_the_future(cast: Cast) -> None:
    item = waiting(cast)
    with pytest.raises(Invalid):
        snooze_item(item, actor=cast.owner, until=timezone.now())
    assert snooze_item(item, actor=cast.owner, until=timezone.now() + timedelta(hours=1)).state == ItemState.SNOOZED


def test_an_approval_nobody_gave_in_time_is_denied(cast: Cast) -> None:
    item = proposed(cast)
    RunException.objects.update(expires_at="2000-01-01T00:00:00Z")
    sha256 = seen(item)
    with pytest.raises(Conflict) as refusal:
        decide(item, actor=cast.owner, kind=K.APPROVE, proposal_sha256=sha256, idempotency_key="k")
    assert refusal.value.code == "expired"
    sweep()
    assert answer_of(item) == {"decision": "reject", "proposal": None, "note": "nobody decided in time"}
    assert (run_of(item).state, RunException.objects.get().state) == (RunState.QUEUED, ExceptionState.EXPIRED)
    with pytest.raises(AlreadyDecided):
        decide(item, actor=cast.owner, kind=K.REJECT, idempotency_key="k")


def test_only_approvals_have_an_end(cast: Cast) -> None:
    assert RunException.objects.get(item=waiting(cast)).expires_at is None
    approval = RunException.objects.get(item=proposed(cast))
    assert approval.expires_at is not None
    assert approval.expires_at > timezone.now() + timedelta(hours=71)


@pytest.mark.parametrize(
    ("severity", "hours", "after"),
    [("low", 7, "low"), ("low", 9, "medium"), ("medium", 25, "high"), ("high", 99, "high")],
)
def test_what_nobody_settles_becomes_more_urgent(cast: Cast, severity: str, hours: int, after: str) -> None:
    exception = raise_exception(cast.agent, kind=ExceptionKind.HANDOFF, title="Call back", severity=Severity(severity))
    RunException.objects.update(opened_at=timezone.now() - timedelta(hours=hours))
    sweep()
    exception.refresh_from_db()
    item = ReviewItem.objects.get(exception=exception)
    assert exception.severity == after
    assert item.rank == pytest.approx({"low": 1, "medium": 2.9, "high": 6}[after], abs=0.02)
    assert AuditEvent.objects.filter(verb="exception.climbed").count() == (severity != after)


def test_the_policy_says_after_how_many_hours_it_becomes_more_urgent(cast: Cast) -> None:
    rules = {"low_urgent_after_hours": 2, "medium_urgent_after_hours": 48}
    PolicyVersion.objects.create(team=cast.team, number=1, statement="", rules=rules)
    for severity in (Severity.LOW, Severity.MEDIUM):
        raise_exception(cast.agent, kind=ExceptionKind.HANDOFF, title=severity, severity=severity)
    RunException.objects.update(opened_at=timezone.now() - timedelta(hours=25))
    sweep()
    [event] = AuditEvent.objects.filter(verb="exception.climbed")
    assert AuditPayload.objects.get(event_id=event.pk).body["after_hours"] == 2
    assert set(RunException.objects.values_list("title", "severity")) == {("low", "medium"), ("medium", "medium")}


def test_what_was_put_off_does_not_climb_meanwhile(cast: Cast) -> None:
    exception = raise_exception(cast.agent, kind=ExceptionKind.HANDOFF, title="Call back", severity=Severity.LOW)
    RunException.objects.update(opened_at=timezone.now() - timedelta(hours=9))
    snooze_item(exception.item, actor=cast.owner, until=timezone.now() + timedelta(hours=1))
    sweep()
    exception.refresh_from_db()
    assert exception.severity == Severity.LOW


def test_an_exception_without_a_run_has_its_place_and_its_rank(cast: Cast) -> None:
    cast.agent.waiting_cost_micros_per_hour = 12_000_000
    exception = raise_exception(cast.agent, kind=ExceptionKind.HANDOFF, title="Call back", severity=Severity.LOW)
    assert (exception.item.state, round(exception.item.rank, 1)) == (ItemState.OPEN, 13)
    assert reasons(exception.item) == ["10 % likely wrong", "Low severity", "waiting costs $12.00 an hour"]


def test_what_is_asked_already_at_a_step_is_not_asked_twice(cast: Cast) -> None:
    asked = RunException.objects.get(item=waiting(cast))
    kind, run, key = ExceptionKind(asked.kind), asked.run, asked.step_key
    assert raise_exception(cast.agent, kind=kind, title="May I?", run=run, step_key=key) == asked
    assert ReviewItem.objects.count() == 1


def test_an_exception_whose_cause_is_gone_closes_without_a_decision(cast: Cast) -> None:
    exception = raise_exception(cast.agent, kind=ExceptionKind.HANDOFF, title="Call back")
    resolve_exception(exception, note="called")
    resolve_exception(exception, note="again")
    exception.refresh_from_db()
    assert (exception.state, exception.answer, exception.item.state) == ("resolved", {"note": "called"}, "decided")
    assert AuditEvent.objects.filter(verb="exception.resolved").count() == 1


def test_the_agent_is_seen_waiting_and_idle_again(cast: Cast) -> None:
    item = waiting(cast)
    cast.agent.status.refresh_from_db()
    assert cast.agent.status.state == "waiting_on_human"
    decide(item, actor=cast.owner, kind=K.RESPOND, note="Yes", idempotency_key="k")
    drive(run_of(item).pk)
    cast.agent.status.refresh_from_db()
    assert cast.agent.status.state == "idle"


@pytest.mark.django_db(transaction=True)
def test_of_fifty_decisions_at_once_one_wins() -> None:
    cast = make_cast()
    item = proposed(cast)
    sha256 = seen(item)
    people = (cast.owner, cast.second)
    outcomes: list[str] = []

    def decider(number: int, user: User) -> Callable[[], None]:
        def act() -> None:
            try:
                kind = K.APPROVE if number % 2 else K.REJECT
                decide(item, actor=user, kind=kind, proposal_sha256=sha256, idempotency_key=f"k{number}")
                outcomes.append("decided")
            except AlreadyDecided:
                outcomes.append("late")
            finally:
                connection.close()

        return act

    for wave in range(5):
        threads = [threading.Thread(target=decider(n, people[n % 2])) for n in range(wave * 10, wave * 10 + 10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(outcomes) == ["decided", *["late"] * 49]
    assert Decision.objects.count() == 1
    executed = answer_of(item)["proposal"]
    assert executed in (PROPOSAL, None)
