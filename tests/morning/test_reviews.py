"""An agent's day: opened once, decided once, closed with its last open item."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.fleet.enums import Lifecycle, OwnerRole
from agents.fleet.models import Agent
from agents.people.models import User
from agents.runs.actions import (
    AlreadyDecided,
    decide,
    decide_review,
    open_reviews,
    raise_exception,
    show_review,
)
from agents.runs.enums import DecisionKind, ExceptionKind, ReviewState
from agents.runs.models import DailyReview, Decision, ReviewItem, RunException
from agents.runs.queries import digests
from audit.models import AuditEvent, AuditPayload
from tests.cast import Cast, make_agent
from tests.morning.stage import ago, ran, review

K = DecisionKind
MADRID = ZoneInfo("Europe/Madrid")


def at(text: str, zone: ZoneInfo = MADRID) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(dt.UTC)


def in_madrid(user: User) -> None:
    User.objects.filter(pk=user.pk).update(zone="Europe/Madrid")


def test_an_agent_has_one_review_for_each_day_of_its_owner(cast: Cast) -> None:
    in_madrid(cast.owner)
    assert open_reviews(cast.team, now=at("2026-11-20T05:59")) == []
    [opened] = open_reviews(cast.team, now=at("2026-11-20T06:00"))
    assert (opened.day, opened.state) == (dt.date(2026, 11, 20), ReviewState.PENDING)
    assert open_reviews(cast.team, now=at("2026-11-20T23:59")) == []
    assert open_reviews(cast.rival_team, day=dt.date(2026, 11, 20))[0].agent == cast.rival_agent


@pytest.mark.parametrize(
    ("lifecycle", "reviewed"),
    [(Lifecycle.ONBOARDING, 2), (Lifecycle.LIVE, 2), (Lifecycle.PAUSED, 1), (Lifecycle.RETIRED, 1)],
)
def test_who_does_not_work_is_not_reviewed(cast: Cast, lifecycle: Lifecycle, reviewed: int) -> None:
    seats = (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND)
    make_agent(cast.team, "other", *seats, lifecycle=lifecycle)
    assert len(open_reviews(cast.team, day=dt.date(2026, 11, 20))) == reviewed


def test_two_open_reviews_of_one_agent_cannot_be(cast: Cast) -> None:
    review(cast.agent, ago(days=1))
    with pytest.raises(IntegrityError), transaction.atomic():
        review(cast.agent, ago(days=1), day=dt.date(2000, 1, 1))


def test_a_day_nobody_reviewed_passes_its_window_on(cast: Cast) -> None:
    first = open_reviews(cast.team, day=dt.date(2026, 11, 19))[0]
    second = open_reviews(cast.team, day=dt.date(2026, 11, 20))[0]
    first.refresh_from_db()
    assert (first.state, second.since) == (ReviewState.SKIPPED, first.since)
    assert AuditEvent.objects.filter(verb="review.missed", object_id=first.pk).count() == 1


def test_the_window_begins_where_the_last_look_ended_whoever_looked(cast: Cast) -> None:
    """Back from vacation: what the cover reviewed is behind, what the cover skipped is not."""
    looked = ago(hours=50)
    first = open_reviews(cast.team, day=dt.date(2026, 11, 17))[0]
    DailyReview.objects.update(since=ago(hours=60))
    decide_review(first, actor=cast.second, kind=K.APPROVE, until=looked)
    second = open_reviews(cast.team, day=dt.date(2026, 11, 18))[0]
    assert second.since == looked
    decide_review(second, actor=cast.second, kind=K.SKIP, note="no time")
    assert open_reviews(cast.team, day=dt.date(2026, 11, 19))[0].since == looked


def test_a_weekend_and_a_clock_change_leave_nothing_out(cast: Cast) -> None:
    in_madrid(cast.owner)
    friday = open_reviews(cast.team, now=at("2026-10-23T08:00"))[0]
    DailyReview.objects.update(since=at("2026-10-22T08:00"))
    decide_review(friday, actor=cast.owner, kind=K.APPROVE, until=at("2026-10-23T08:00"))
    [monday] = open_reviews(cast.team, now=at("2026-10-26T06:00"))
    assert monday.since == at("2026-10-23T08:00")
    # From +02:00 to +01:00: three calendar days, and an hour more than 70 between these two clocks.
    assert at("2026-10-26T06:00") - monday.since == dt.timedelta(hours=71)


def test_approving_records_what_was_seen(cast: Cast) -> None:
    for hours in (3, 2, 1):
        ran(cast.agent, ago(hours=hours), "reply")
    today = review(cast.agent, ago(hours=5))
    drawn = timezone.now()
    late = ran(cast.agent, timezone.now(), "reply")
    decision = decide_review(today, actor=cast.owner, kind=K.APPROVE, until=drawn)
    today.refresh_from_db()
    assert (today.state, today.until, len(today.samples)) == (ReviewState.APPROVED, drawn, 2)
    assert str(late.outputs.get().pk) not in today.samples
    said = AuditPayload.objects.get(event_id=AuditEvent.objects.get(verb="review.decided").pk).body
    assert said["samples"] == today.samples
    assert (decision.actor, decision.kind) == (cast.owner, K.APPROVE)


def test_what_a_vendor_hands_over_late_is_looked_at_when_it_has_come(cast: Cast) -> None:
    first = review(cast.agent, ago(hours=30), day=ago(hours=20).date())
    told = ran(cast.agent, ago(hours=26), "reply", source="qualified", arrived_at=ago(hours=25))
    decide_review(first, actor=cast.owner, kind=K.APPROVE, until=ago(hours=20))
    late = ran(cast.agent, ago(hours=26), "reply", source="qualified", arrived_at=ago(hours=2))
    [second] = open_reviews(cast.team, timezone.now().date() + dt.timedelta(days=1))
    digest = digests([second], timezone.now())[second.pk]
    assert (digest.total, [sample.run for sample in digest.samples]) == (1, [late.pk])
    before = digests([DailyReview.objects.get(pk=first.pk)], timezone.now())[first.pk]
    assert (before.total, [sample.run for sample in before.samples]) == (1, [told.pk])


@pytest.mark.parametrize("kind", [K.SKIP, K.NEEDS_CHANGE])
def test_skipping_and_asking_for_change_need_words(cast: Cast, kind: DecisionKind) -> None:
    today = review(cast.agent, ago(hours=5))
    with pytest.raises(Invalid) as refusal:
        decide_review(today, actor=cast.owner, kind=kind, note=" ")
    assert "note" in refusal.value.fields
    assert decide_review(today, actor=cast.owner, kind=kind, note="because").note == "because"


@pytest.mark.parametrize("kind", [K.RESPOND, K.EDIT, "nonsense"])
def test_a_day_is_not_decided_like_an_item(cast: Cast, kind: str) -> None:
    with pytest.raises(Invalid):
        decide_review(review(cast.agent, ago(hours=5)), actor=cast.owner, kind=kind)


def test_an_escalated_day_becomes_something_somebody_must_answer(cast: Cast) -> None:
    decide_review(review(cast.agent, ago(hours=5)), actor=cast.owner, kind=K.ESCALATE, note="It sounds rude")
    raised = RunException.objects.get()
    assert (raised.severity, raised.detail, raised.item.state) == ("high", "It sounds rude", "open")


def test_nothing_is_approved_while_something_is_open(cast: Cast) -> None:
    today = review(cast.agent, ago(hours=5))
    raise_exception(cast.agent, kind=ExceptionKind.HANDOFF, title="Call back")
    with pytest.raises(Conflict) as refusal:
        decide_review(today, actor=cast.owner, kind=K.APPROVE)
    assert refusal.value.code == "open_items"


def test_who_comes_late_is_told_who_and_when(cast: Cast) -> None:
    today = review(cast.agent, ago(hours=5))
    first = decide_review(today, actor=cast.owner, kind=K.APPROVE, idempotency_key="k")
    assert decide_review(today, actor=cast.owner, kind=K.APPROVE, idempotency_key="k") == first
    with pytest.raises(AlreadyDecided, match="Amelia already decided this"):
        decide_review(today, actor=cast.second, kind=K.APPROVE, idempotency_key="k")


def test_only_who_may_review_decides(cast: Cast) -> None:
    today = review(cast.agent, ago(hours=5))
    for person in (cast.trainee, cast.manager, cast.auditor, cast.rival):
        with pytest.raises(NotAllowed):
            decide_review(today, actor=person, kind=K.APPROVE)
        with pytest.raises(NotAllowed):
            show_review(today, actor=person)
    assert not Decision.objects.exists()


def answered(cast: Cast, agent: Agent) -> None:
    item = ReviewItem.objects.select_related("agent").exclude(state="decided").filter(agent=agent)[0]
    decide(item, actor=cast.owner, kind=K.RESPOND, note="done", root_cause="case", idempotency_key=str(item.pk))


def test_a_day_closes_with_its_last_open_item(cast: Cast) -> None:
    today = review(cast.agent, ago(hours=5))
    for title in ("one", "two"):
        raise_exception(cast.agent, kind=ExceptionKind.HANDOFF, title=title)
    shown = show_review(today, actor=cast.owner)
    assert shown.state == ReviewState.IN_REVIEW
    answered(cast, cast.agent)
    today.refresh_from_db()
    assert today.state == ReviewState.IN_REVIEW
    answered(cast, cast.agent)
    today.refresh_from_db()
    assert (today.state, today.until, today.decision.actor) == (ReviewState.APPROVED, shown.shown_at, cast.owner)


def test_a_day_whose_digest_nobody_saw_stays_open(cast: Cast) -> None:
    today = review(cast.agent, ago(hours=5))
    raise_exception(cast.agent, kind=ExceptionKind.HANDOFF, title="one")
    answered(cast, cast.agent)
    today.refresh_from_db()
    assert today.state == ReviewState.PENDING


def test_a_decided_day_is_shown_as_it_was(cast: Cast) -> None:
    today = review(cast.agent, ago(hours=5))
    decide_review(today, actor=cast.owner, kind=K.APPROVE, until=ago(hours=1))
    again = show_review(today, actor=cast.second)
    assert (again.state, again.shown_at) == (ReviewState.APPROVED, again.until)
