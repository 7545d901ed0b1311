"""Fifty people press at once: one wins, and every other one is told who and when."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from uuid import UUID, uuid4

import pytest
from django.db import connection

from agents.runs.actions import AlreadyDecided, decide, decide_review, firing, open_reviews, raise_exception
from agents.runs.enums import DecisionKind, ExceptionKind, RuleState
from agents.runs.models import DailyReview, Decision, ReviewItem, RunException, StandingRule
from tests.cast import Cast
from tests.morning.stage import ago, review

AT_ONCE = 50


def all_at_once(act: object) -> Counter[str]:
    """What each of fifty threads was told: "" for who won."""
    barrier = Barrier(AT_ONCE)

    def one(_number: int) -> str:
        barrier.wait()
        try:
            act()  # type: ignore[operator]
        except AlreadyDecided as late:
            return late.message
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Counter(pool.map(one, range(AT_ONCE)))


@pytest.mark.django_db(transaction=True)
def test_of_fifty_decisions_on_one_item_one_wins(cast: Cast) -> None:
    exception = raise_exception(cast.agent, kind=ExceptionKind.HANDOFF, title="Call back")
    item = ReviewItem.objects.select_related("agent").get(exception=exception)
    told = all_at_once(
        lambda: decide(
            item, actor=cast.owner, kind="respond", note="done", root_cause="case", idempotency_key=str(uuid4())
        )
    )
    assert told.pop("") == 1
    [(message, late)] = told.items()
    assert (late, Decision.objects.count()) == (AT_ONCE - 1, 1)
    assert message.startswith("Amelia already decided this (Respond, ")


@pytest.mark.django_db(transaction=True)
def test_of_fifty_decisions_on_one_day_one_wins(cast: Cast) -> None:
    today = review(cast.agent, ago(hours=9))
    told = all_at_once(lambda: decide_review(today, actor=cast.second, kind=DecisionKind.APPROVE))
    assert told.pop("") == 1
    [(message, late)] = told.items()
    assert (late, Decision.objects.count()) == (AT_ONCE - 1, 1)
    assert message.startswith("Dev already decided this (Approve, ")


@pytest.mark.django_db(transaction=True)
def test_a_day_is_opened_once_however_many_open_it(cast: Cast) -> None:
    day = ago(hours=0).date()
    all_at_once(lambda: open_reviews(cast.team, day))
    assert DailyReview.objects.filter(agent__team=cast.team).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_rule_keeps_to_its_limit_of_a_day_though_two_ask_at_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [raise_exception(cast.agent, kind=ExceptionKind.HANDOFF, title="Call back").pk for _ in range(2)]
    does = {"decision": DecisionKind.RESPOND, "note": "done", "root_cause": "case", "state": RuleState.ACTIVE}
    back = {"field": "title", "is": "is", "value": "Call back"}
    limits = {"conditions": [back], "most_a_day": 1, "expires_at": ago(hours=-1), "approver": cast.second}
    StandingRule.objects.create(agent=cast.agent, author=cast.owner, kind=ExceptionKind.HANDOFF, **does, **limits)
    meeting, act = Barrier(2), firing._decide

    def together(rule: StandingRule, exception: RunException, grace_s: float) -> None:
        with suppress(BrokenBarrierError):  # who was locked out never comes
            meeting.wait(1)
        act(rule, exception, grace_s)

    def answer(exception: UUID) -> None:
        firing._answer(exception)
        connection.close()

    monkeypatch.setattr(firing, "_decide", together)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(answer, asked))
    assert Decision.objects.count() == 1
