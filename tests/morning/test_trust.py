"""What samples say of quiet agents, and what batches let through after all."""

from typing import Any

import pytest

from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.runs.actions import batch_approve, decide, decide_review, mark_wrong, raise_exception
from agents.runs.enums import DecisionKind, ExceptionKind, FoundBy
from agents.runs.models import Decision, Flaw, Run
from agents.runs.queries import Trust, pooled, trust
from audit.models import AuditEvent
from tests.cast import Cast
from tests.morning.stage import ago, ran, review


def passed(cast: Cast, runs: int = 3) -> tuple[Decision, list[Run]]:
    """A batch that approved so many runs of the one agent."""
    made = [ran(cast.agent, ago(hours=1 + n), "reply") for n in range(runs)]
    batch = batch_approve([review(cast.agent, ago(hours=9))], actor=cast.owner)
    return batch.approved[0], made


def of(cast: Cast) -> Trust:
    return trust([cast.agent.pk])[cast.agent.pk]


def test_what_was_looked_at_and_passed_is_counted(cast: Cast) -> None:
    decision, _runs = passed(cast)
    assert decision.review is not None
    assert (decision.review.in_batch, decision.review.runs) == (True, 3)
    assert of(cast) == Trust(seen=2, wrong=0, passed=3, escaped=0)
    assert of(cast).at_most == pytest.approx(1 - 0.05**0.5)


def test_a_failure_raised_later_is_an_escape_of_the_batch(cast: Cast) -> None:
    decision, runs = passed(cast)
    for kind in (ExceptionKind.STALE_CONTEXT, ExceptionKind.FAILURE):
        raise_exception(cast.agent, kind=kind, title="Old price", run=runs[0])
    flaw = Flaw.objects.get()
    assert (flaw.run, flaw.decision, flaw.found_by) == (runs[0], decision, FoundBy.EXCEPTION)
    assert of(cast).escaped == 1
    low, high = of(cast).escapes
    assert low < 1 / 3 < high
    assert AuditEvent.objects.filter(verb="flaw.found", agent_id=cast.agent.pk).count() == 1


def test_what_somebody_ignores_was_no_failure(cast: Cast) -> None:
    _decision, runs = passed(cast)
    raised = raise_exception(cast.agent, kind=ExceptionKind.FAILURE, title="Late", run=runs[0])
    decide(raised.item, actor=cast.owner, kind=DecisionKind.IGNORE, root_cause="tool", idempotency_key="1")
    assert of(cast).escaped == 0


def test_what_a_person_rejects_later_is_an_escape(cast: Cast) -> None:
    _decision, runs = passed(cast)
    raised = raise_exception(cast.agent, kind=ExceptionKind.APPROVAL, title="Send?", run=runs[1], proposal={"a": 1})
    assert not Flaw.objects.exists()
    decide(raised.item, actor=cast.second, kind=DecisionKind.REJECT, note="No", idempotency_key="1")
    assert Flaw.objects.get().person == cast.second


def test_a_person_s_mark_counts_among_samples_and_escapes(cast: Cast) -> None:
    decision, runs = passed(cast, runs=2)
    flaw = mark_wrong(runs[0], actor=cast.second, note=" It names the old price. ")
    assert (flaw.decision, flaw.note) == (decision, "It names the old price.")
    assert of(cast) == Trust(seen=2, wrong=1, passed=2, escaped=1)
    with pytest.raises(Conflict, match="said already"):
        mark_wrong(runs[0], actor=cast.owner, note="Again")


def test_what_no_batch_passed_is_wrong_but_no_escape(cast: Cast) -> None:
    run = ran(cast.agent, ago(hours=1), "reply")
    decide_review(review(cast.agent, ago(hours=9)), actor=cast.owner, kind=DecisionKind.APPROVE)
    raise_exception(cast.agent, kind=ExceptionKind.FAILURE, title="Wrong", run=run)
    assert not Flaw.objects.exists()
    assert mark_wrong(run, actor=cast.owner, note="Wrong").decision is None
    assert of(cast) == Trust(seen=1, wrong=1, passed=0, escaped=0)


def test_a_run_that_arrived_late_belongs_to_the_window_it_arrived_in(cast: Cast) -> None:
    late = ran(cast.agent, ago(hours=20), "reply", arrived_at=ago(hours=2))
    batch_approve([review(cast.agent, ago(hours=9))], actor=cast.owner)
    assert mark_wrong(late, actor=cast.owner, note="Wrong").decision is not None
    newer = ran(cast.agent, ago(hours=3), "reply", arrived_at=ago(hours=-1))
    assert mark_wrong(newer, actor=cast.owner, note="Wrong").decision is None


@pytest.mark.parametrize(("state", "note", "refusal"), [("done", " ", Invalid), ("waiting", "Wrong", Conflict)])
def test_a_mark_says_why_and_waits_for_the_end(cast: Cast, state: str, note: str, refusal: type[Exception]) -> None:
    run = ran(cast.agent, ago(hours=1), state=state)
    with pytest.raises(refusal):
        mark_wrong(run, actor=cast.owner, note=note)


def test_only_who_reviews_the_agent_marks_its_runs(cast: Cast) -> None:
    run = ran(cast.agent, ago(hours=1))
    for person in (cast.manager, cast.auditor, cast.rival):
        with pytest.raises(NotAllowed):
            mark_wrong(run, actor=person, note="Wrong")


def test_the_pooled_bound_is_over_all_agents_in_one_query(cast: Cast, django_assert_num_queries: Any) -> None:
    assert pooled([Trust(70, 0, 100, 1), Trust(70, 0, 40, 0)]) == Trust(140, 0, 140, 1)
    assert round(pooled([Trust(140)]).at_most, 3) == 0.021
    with django_assert_num_queries(1):
        trust([cast.agent.pk, cast.rival_agent.pk])
