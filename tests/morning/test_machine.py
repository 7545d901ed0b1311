"""Whatever people do in whatever order: every day is decided once, no time of an agent is looked at twice or never."""

import datetime as dt
from contextlib import suppress
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from agents.base.errors import Refused
from agents.runs.actions import batch_approve, decide, decide_review, open_reviews, raise_exception, show_review
from agents.runs.enums import OPEN_REVIEWS, DecisionKind, ExceptionKind, ItemState, ReviewState
from agents.runs.invariants import INVARIANTS
from agents.runs.models import DailyReview, Decision, ReviewItem
from tests.cast import Cast, make_cast, settle
from tests.morning.stage import ago, ran

PEOPLE = st.sampled_from(["owner", "second", "backup", "trainee", "manager", "rival"])
KINDS = st.sampled_from(DecisionKind)


class Mornings(RuleBasedStateMachine):
    """Days pass; whoever wants decides, in time or late."""

    cast: Cast

    @initialize()
    def begin(self) -> None:
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.cast, self.day = make_cast(), dt.date(2026, 11, 1)
        self.decided: dict[object, str] = {}

    def teardown(self) -> None:
        if hasattr(self, "cast"):
            transaction.set_rollback(True)
            self.atomic.__exit__(None, None, None)

    def attempt(self, action: Any, *args: Any, **given: Any) -> None:
        with suppress(Refused):
            action(*args, **given)

    def last(self) -> DailyReview | None:
        return DailyReview.objects.filter(agent=self.cast.agent).order_by("-day").first()

    @rule()
    def night_ends(self) -> None:
        self.day += dt.timedelta(days=1)
        open_reviews(self.cast.team, self.day)

    @rule()
    def clock_looks_again(self) -> None:
        open_reviews(self.cast.team, self.day)

    @rule()
    def agent_works(self) -> None:
        ran(self.cast.agent, timezone.now(), "reply")

    @rule()
    def agent_asks(self) -> None:
        raise_exception(self.cast.agent, kind=ExceptionKind.HANDOFF, title="Call back")

    @rule(name=PEOPLE, minutes=st.integers(-5, 5))
    def look(self, name: str, minutes: int) -> None:
        if review := self.last():
            self.attempt(show_review, review, actor=getattr(self.cast, name), until=ago(minutes=minutes))

    @rule(name=PEOPLE, kind=KINDS, note=st.sampled_from(["", "because"]), minutes=st.integers(-5, 5))
    def judge(self, name: str, kind: DecisionKind, note: str, minutes: int) -> None:
        if review := self.last():
            actor = getattr(self.cast, name)
            self.attempt(decide_review, review, actor=actor, kind=kind, note=note, until=ago(minutes=minutes))

    @rule(name=PEOPLE)
    def approve_together(self, name: str) -> None:
        self.attempt(batch_approve, list(DailyReview.objects.all()), actor=getattr(self.cast, name))

    @rule(name=PEOPLE)
    def answer(self, name: str) -> None:
        item = ReviewItem.objects.exclude(state=ItemState.DECIDED).select_related("agent").first()
        if item:
            key = f"{item.pk}-{Decision.objects.count()}"
            self.attempt(decide, item, actor=getattr(self.cast, name), kind="respond", note="x", idempotency_key=key)

    @invariant()
    def every_day_is_decided_once_and_stays_so(self) -> None:
        if not hasattr(self, "cast"):
            return
        for review in DailyReview.objects.exclude(state__in=OPEN_REVIEWS):
            assert self.decided.setdefault(review.pk, review.state) == review.state
        assert DailyReview.objects.filter(agent=self.cast.agent, state__in=OPEN_REVIEWS).count() <= 1
        strangers = [self.cast.trainee, self.cast.manager, self.cast.rival]
        assert not Decision.objects.filter(actor__in=strangers, review__agent=self.cast.agent).exists()

    @invariant()
    def nothing_is_approved_unseen_and_rows_agree(self) -> None:
        if not hasattr(self, "cast"):
            return
        settle()
        assert [fault for _name, ask in INVARIANTS for fault in ask()] == []
        assert not DailyReview.objects.filter(state=ReviewState.APPROVED, shown_at=None).exists()


@pytest.mark.django_db
def test_days_are_kept_whatever_people_do() -> None:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Mornings,
        settings=settings(max_examples=15, stateful_step_count=20, deadline=None, suppress_health_check=checks),
    )
