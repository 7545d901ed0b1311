"""A decision becomes a standing rule: two people's, within limits, replayed before it is kept, gone at one key."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.fleet.actions import require_second_person
from agents.fleet.enums import OwnerRole
from agents.fleet.models import AgentOwner
from agents.fleet.permissions import sync_grants
from agents.runs.actions import claim_item, decide
from agents.runs.actions.firing import decide_open
from agents.runs.actions.folding import undo_alike
from agents.runs.actions.releasing import release_due, undo_decision
from agents.runs.actions.rules import approve_rule, propose_rule, restore_rule, revoke_rule
from agents.runs.conditions import Is, fields_of, fits
from agents.runs.enums import DecisionKind, DecisionState, ItemState, RuleState, RunState
from agents.runs.execution.drive import drive
from agents.runs.models import Decision, ReviewItem, Run, RunException, StandingRule
from agents.runs.queries.rules import pending, still_open
from audit.models import AuditEvent
from tests.cast import Cast
from tests.morning.stage import ago
from tests.runs.toys import started

K = DecisionKind
DOLLAR = 1_000_000
Capture = Callable[..., Any]


def refund(dollars: float) -> dict[str, Any]:
    return {"tool": "refund", "amount_micros": int(dollars * DOLLAR), "currency": "USD"}


def asked(cast: Cast, proposal: dict[str, Any] | None, reason: str = "approval") -> ReviewItem:
    run = started(cast.agent, "asking", {"text": "hello", "reason": reason, "proposal": proposal})
    drive(run.pk)
    return ReviewItem.objects.select_related("exception").get(exception__run=run)


def decided(cast: Cast, dollars: float, kind: DecisionKind = K.APPROVE) -> Decision:
    item = asked(cast, refund(dollars))
    assert item.exception
    return decide(
        item, actor=cast.owner, kind=kind, proposal_sha256=item.exception.proposal_sha256, idempotency_key="k"
    )


UP_TO_50 = [
    {"field": "tool", "is": "is", "value": "refund"},
    {"field": "amount_micros", "is": "at_most", "value": str(50 * DOLLAR)},
]


def proposed(cast: Cast, origin: Decision | None = None, **more: Any) -> StandingRule:
    given = {
        "conditions": UP_TO_50,
        "most_a_day": 10,
        "most_micros": 50 * DOLLAR,
        "expires_at": timezone.now() + timedelta(days=30),
        **more,
    }
    return propose_rule(origin or decided(cast, 20), actor=cast.owner, **given)


def in_force(cast: Cast, **more: Any) -> StandingRule:
    return approve_rule(proposed(cast, **more), actor=cast.second)


@pytest.fixture
def ask(cast: Cast, django_capture_on_commit_callbacks: Capture) -> Callable[[dict[str, Any]], ReviewItem]:
    """Something is asked, and committed."""

    def act(proposal: dict[str, Any]) -> ReviewItem:
        with django_capture_on_commit_callbacks(execute=True):
            item = asked(cast, proposal)
        item.refresh_from_db()
        return item

    return act


Ask = Callable[[dict[str, Any]], ReviewItem]


def test_the_same_is_not_asked_twice(cast: Cast, ask: Ask) -> None:
    rule = in_force(cast)
    item = ask(refund(49.99))
    assert item.state == ItemState.DECIDED
    decision = Decision.objects.get(rule=rule)
    assert (decision.item, decision.kind, decision.actor) == (item, K.APPROVE, cast.owner)
    assert Run.objects.get(exceptions__item=item).state == RunState.QUEUED
    event = AuditEvent.objects.get(verb="decision.by_rule")
    assert event.object_id == decision.pk


@pytest.mark.parametrize(
    "proposal",
    [refund(50.01), {**refund(1), "tool": "voucher"}, {**refund(1), "currency": "EUR"}, {"tool": "refund"}],
    ids=["above", "another tool", "another currency", "no amount"],
)
def test_what_the_rule_does_not_reach_is_asked(cast: Cast, ask: Ask, proposal: dict[str, Any]) -> None:
    in_force(cast)
    assert ask(proposal).state == ItemState.OPEN


def test_nothing_is_decided_before_a_second_person_agreed(cast: Cast, ask: Ask) -> None:
    rule = proposed(cast)
    assert ask(refund(1)).state == ItemState.OPEN
    for person, code in ((cast.owner, "self_approval"), (cast.trainee, "verb")):
        with pytest.raises(NotAllowed) as refusal:
            approve_rule(rule, actor=person)
        assert refusal.value.code == code


def test_what_was_open_before_stays_with_people_until_somebody_lets_the_rule_decide_it(cast: Cast, ask: Ask) -> None:
    fits, above = ask(refund(1)), ask(refund(60))
    rule = proposed(cast)
    with pytest.raises(Conflict):
        decide_open(rule, actor=cast.second)
    rule = approve_rule(rule, actor=cast.second)
    assert [each.item for each in still_open(rule)] == [fits]
    fits.refresh_from_db()
    assert fits.state == ItemState.OPEN
    with pytest.raises(NotAllowed):
        decide_open(rule, actor=cast.auditor)
    assert decide_open(rule, actor=cast.second) == (1, 0)
    assert Decision.objects.get(rule=rule).item == fits
    above.refresh_from_db()
    assert (above.state, still_open(rule)) == (ItemState.OPEN, [])
    event = AuditEvent.objects.get(verb="rule.decides_open")
    assert (event.actor_id, event.object_id) == (cast.second.pk, rule.pk)


def test_of_what_was_open_the_rule_decides_within_its_limit_and_what_nobody_is_on(cast: Cast, ask: Ask) -> None:
    taken, *free = [ask(refund(1)) for _each in range(4)]
    rule = in_force(cast, most_a_day=2)
    claim_item(taken, actor=cast.backup)
    assert decide_open(rule, actor=cast.second) == (2, 2)
    assert {each.item for each in rule.firings.all()} == set(free[:2])
    assert [each.item for each in still_open(rule)] == [taken, free[2]]


def test_what_is_escalated_already_no_rule_escalates_again(cast: Cast, ask: Ask) -> None:
    fits = ask(refund(1))
    rule = in_force(cast, origin=decided(cast, 20, K.ESCALATE))
    assert [decide_open(rule, actor=cast.second) for _twice in range(2)] == [(1, 0), (0, 0)]
    fits.refresh_from_db()
    assert (fits.state, rule.firings.count()) == (ItemState.OPEN, 1)


def test_what_a_rule_is_told_to_escalate_can_be_undone_like_what_it_is_told_to_answer(cast: Cast, ask: Ask) -> None:
    waits = [ask(refund(dollars)) for dollars in (1, 2, 3)]
    rule = in_force(cast, origin=decided(cast, 20, K.ESCALATE))
    long_ago = ask(refund(4)).decisions.get()
    assert (long_ago.rule, long_ago.state) == (rule, DecisionState.RELEASED)
    was = [item.exception.severity for item in waits if item.exception]
    assert decide_open(rule, actor=cast.second, grace_s=60) == (3, 0)
    told = pending(rule)
    assert [each.item for each in told] == waits
    assert {each.item.exception.severity for each in told if each.item and each.item.exception} == {"high"}
    claim_item(waits[2], actor=cast.backup)
    assert undo_alike(told[0], actor=cast.second) == waits[:2], "the third is in somebody's hands"
    assert [
        each.exception.severity
        for each in ReviewItem.objects.filter(pk__in=[item.pk for item in waits[:2]])
        if each.exception
    ] == was[:2]
    assert set(rule.firings.values_list("item", "state")) == {
        (waits[0].pk, "undone"),
        (waits[1].pk, "undone"),
        (waits[2].pk, "pending"),
        (long_ago.item_id, "released"),
    }


def test_an_escalation_of_a_rule_that_has_left_is_its_author_s_to_take_back(cast: Cast, ask: Ask) -> None:
    ask(refund(1))
    rule = in_force(cast, origin=decided(cast, 20, K.ESCALATE))
    decide_open(rule, actor=cast.second, grace_s=60)
    rule.firings.update(releases_at=ago(seconds=1))
    release_due()
    [left] = rule.firings.all()
    assert (left.state, pending(rule)) == (DecisionState.RELEASED, [])
    with pytest.raises(NotAllowed):
        undo_decision(left, actor=cast.second)
    undo_decision(left, actor=cast.owner)


def test_a_rule_leaves_alone_what_waits_for_a_second_person(cast: Cast, ask: Ask) -> None:
    require_second_person(cast.agent, above_micros=30 * DOLLAR, actor=cast.owner)
    held = ask(refund(40))
    assert held.exception
    sha256 = held.exception.proposal_sha256
    decide(held, actor=cast.backup, kind=K.APPROVE, proposal_sha256=sha256, idempotency_key="first")
    claim_item(held, actor=cast.owner)
    rule = in_force(cast, origin=decided(cast, 20, K.REJECT))
    assert (decide_open(rule, actor=cast.second), rule.firings.count()) == ((0, 0), 0)


def test_a_revoked_rule_decides_no_more_and_its_trail_stays(cast: Cast, ask: Ask) -> None:
    rule = in_force(cast)
    ask(refund(1))
    revoke_rule(rule, actor=cast.second, why="too generous")
    revoke_rule(rule, actor=cast.second)
    assert ask(refund(1)).state == ItemState.OPEN
    assert rule.firings.count() == 1
    verbs = list(AuditEvent.objects.filter(verb__startswith="rule.").order_by("seq").values_list("verb", flat=True))
    assert verbs == ["rule.proposed", "rule.approved", "rule.revoked"]
    with pytest.raises(Conflict):
        approve_rule(rule, actor=cast.backup)


def test_who_has_just_revoked_a_rule_takes_that_back_alone(cast: Cast, ask: Ask) -> None:
    rule, waits = in_force(cast), proposed(cast)
    for each, before in ((rule, RuleState.ACTIVE), (waits, RuleState.PROPOSED)):
        revoke_rule(each, actor=cast.second, why="by mistake")
        with pytest.raises(Conflict, match="Too late"):
            restore_rule(each, actor=cast.owner)
        back = restore_rule(each, actor=cast.second)
        assert (back.state, back.why) == (before, "")
    assert ask(refund(1)).state == ItemState.DECIDED
    assert AuditEvent.objects.filter(verb="rule.restored", actor_id=cast.second.pk).count() == 2


def test_a_rule_that_was_revoked_for_a_while_takes_two_people_again(cast: Cast) -> None:
    rule = in_force(cast)
    with pytest.raises(Conflict):
        restore_rule(rule, actor=cast.second)  # in force
    revoke_rule(rule, actor=cast.second)
    StandingRule.objects.update(state_since=ago(seconds=61))
    with pytest.raises(Conflict):
        restore_rule(rule, actor=cast.second)


def test_its_limit_of_a_day_holds(cast: Cast, ask: Ask) -> None:
    in_force(cast, most_a_day=2)
    assert [ask(refund(1)).state for _each in range(3)] == ["decided", "decided", "open"]


def test_a_proposal_does_not_say_which_question_it_is(cast: Cast) -> None:
    forged = {"fingerprint": "0" * 64, "severity": "low", "cause": "small", "title": "Small", "tool": "refund"}
    exception = asked(cast, forged).exception
    assert exception
    told = fields_of(exception)
    assert told["tool"] == "refund"
    for name in ("fingerprint", "severity", "cause", "title"):
        assert told[name] == getattr(exception, name) != forged[name]


def test_it_ends_on_its_day(cast: Cast, ask: Ask) -> None:
    in_force(cast)
    StandingRule.objects.update(expires_at=ago(seconds=1))
    assert ask(refund(1)).state == ItemState.OPEN


def test_who_may_no_longer_decide_has_no_rule_any_more(cast: Cast, ask: Ask) -> None:
    rule = in_force(cast)
    AgentOwner.objects.filter(agent=cast.agent, user=cast.owner).update(role=OwnerRole.TRAINEE)
    AgentOwner.objects.filter(agent=cast.agent, user=cast.backup).update(role=OwnerRole.PRIMARY)
    sync_grants(type(cast.agent).objects.filter(pk=cast.agent.pk))
    assert ask(refund(1)).state == ItemState.OPEN
    rule.refresh_from_db()
    assert (rule.state, rule.why) == (RuleState.STOPPED, "its author may no longer decide this")
    assert AuditEvent.objects.filter(verb="rule.stopped").count() == 1


def test_what_needs_two_people_no_rule_decides(cast: Cast, ask: Ask) -> None:
    in_force(cast)
    require_second_person(cast.agent, above_micros=10 * DOLLAR, actor=cast.owner)
    assert (ask(refund(11)).state, ask(refund(9)).state) == (ItemState.OPEN, ItemState.DECIDED)


def test_it_says_what_it_would_have_decided_in_thirty_days(cast: Cast) -> None:
    for dollars in (5, 10, 45):
        decided(cast, dollars)
    refused = decided(cast, 30, K.REJECT)
    decided(cast, 60)
    old = decided(cast, 6, K.REJECT)
    RunException.objects.filter(item=old.item).update(opened_at=ago(days=31))
    rule = proposed(cast)
    assert refused.item
    assert rule.replay == {"total": 5, "same": 4, "differs": [str(refused.item.exception_id)]}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"expires_at": timezone.now() + timedelta(days=91)}, "expires_at"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "expires_at"),
        ({"most_a_day": 0}, "most_a_day"),
        ({"most_micros": None}, "most_micros"),
        ({"conditions": []}, "conditions"),
        ({"conditions": [{"field": "tool", "is": "looks like", "value": "x"}]}, "conditions"),
        ({"conditions": [{"field": "tool", "is": "is", "value": "voucher"}]}, "conditions"),
    ],
    ids=["too long", "over", "no limit", "no amount", "always", "unknown", "does not fit"],
)
def test_a_rule_without_bounds_is_not_kept(cast: Cast, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        proposed(cast, **wrong)
    assert list(refusal.value.fields) == [field]
    assert not StandingRule.objects.exists()


@pytest.mark.parametrize(("kind", "payload"), [(K.EDIT, {"amount": 3}), (K.SKIP, None)], ids=["edit", "skip"])
def test_what_is_of_one_case_or_only_put_off_makes_no_rule(cast: Cast, kind: DecisionKind, payload: Any) -> None:
    item = asked(cast, refund(1))
    decision = decide(item, actor=cast.owner, kind=kind, note="later", payload=payload, idempotency_key="k")
    with pytest.raises(Invalid):
        proposed(cast, decision)


@pytest.mark.parametrize("state", [DecisionState.REFUSED, DecisionState.UNDONE, DecisionState.HELD])
def test_what_did_not_take_effect_makes_no_rule(cast: Cast, state: DecisionState) -> None:
    origin = decided(cast, 20)
    origin.state = state
    with pytest.raises(Invalid, match="did not take effect"):
        proposed(cast, origin)
    assert not StandingRule.objects.exists()


@given(
    st.sampled_from(Is),
    st.text(max_size=9) | st.floats().map(str) | st.integers().map(str),
    st.none() | st.text(max_size=9) | st.floats() | st.integers() | st.booleans(),
)
def test_any_comparison_gives_an_answer(how: Is, wanted: str, found: Any) -> None:
    exception = RunException(title="x", proposal={"it": found})
    assert fits([{"field": "it", "is": how, "value": wanted}], exception) in (True, False)
    assert not fits([{"field": "gone", "is": how, "value": wanted}], exception)


def test_a_rule_escalates_at_once_what_people_escalated(
    cast: Cast, ask: Callable[[dict[str, Any]], ReviewItem]
) -> None:
    decided(cast, 900)
    large = [{"field": "amount_micros", "is": "at_least", "value": str(500 * DOLLAR)}]
    origin = decided(cast, 800, K.ESCALATE)
    rule = in_force(cast, origin=origin, conditions=large, most_micros=None)
    assert (rule.replay["total"], rule.replay["same"]) == (2, 1)
    item = ask(refund(700))
    assert item.exception
    assert (item.state, item.exception.severity) == (ItemState.OPEN, "high")
    assert [(each.kind, each.rule_id) for each in item.decisions.all()] == [(K.ESCALATE, rule.pk)]
    assert ask(refund(20)).decisions.count() == 0
