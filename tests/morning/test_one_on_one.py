"""The daily talk with an agent: did, waits, next, KPIs, what it was told."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone

from agents.fleet.actions import give_feedback
from agents.fleet.models import Instruction, KpiPoint, KpiTarget, Schedule
from agents.people.models import User
from agents.runs.actions import decide_review, raise_exception
from agents.runs.enums import DecisionKind, ExceptionKind
from agents.runs.execution.claim import claim
from agents.runs.queries import one_on_one
from tests.cast import Cast
from tests.morning.stage import ago, ran, review
from tests.runs import toys

NOW = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)


def test_it_gathers_what_was_done_waits_and_comes_next(cast: Cast) -> None:
    review(cast.agent, ago(hours=9))
    ran(cast.agent, ago(hours=1), "reply")
    ran(cast.agent, ago(hours=2), state="failed")
    queued = toys.started(cast.agent, "asking")
    raise_exception(cast.agent, kind=ExceptionKind.HANDOFF, title="Call back")
    talk = one_on_one(cast.agent)
    assert (talk.did.total, talk.did.errors, talk.did.outputs) == (3, 1, 1)
    assert [item.title for item in talk.waits] == ["Call back"]
    assert [each.run for each in talk.next] == [queued]
    assert (talk.kpis, talk.feedback) == ([], None)


def test_the_next_time_of_each_schedule_is_told_in_the_owner_s_night(cast: Cast) -> None:
    User.objects.filter(pk=cast.owner.pk).update(zone="Europe/Madrid")
    Schedule.objects.create(agent=cast.agent, local_time=dt.time(3), weekdays="1")
    Schedule.objects.create(agent=cast.agent, local_time=dt.time(9, 30), zone="Asia/Tokyo")
    Schedule.objects.create(agent=cast.agent, local_time=dt.time(1), enabled=False)
    talk = one_on_one(cast.agent, now=NOW)
    assert [each.at for each in talk.next] == [
        dt.datetime(2026, 11, 21, 0, 30, tzinfo=dt.UTC),
        dt.datetime(2026, 11, 23, 2, tzinfo=dt.UTC),
    ]


def test_kpis_stand_beside_their_target_and_the_day_before(cast: Cast) -> None:
    KpiTarget.objects.create(agent=cast.agent, key="meetings", target=Decimal(4), unit="meetings")
    KpiTarget.objects.create(agent=cast.agent, key="spend", target=Decimal(2), unit="USD", better="lower")
    for day, value in ((19, 3), (20, 5)):
        KpiPoint.objects.create(agent=cast.agent, key="meetings", day=dt.date(2026, 11, day), value=value)
    KpiPoint.objects.create(agent=cast.agent, key="replies", day=dt.date(2026, 11, 20), value=7)
    meetings, replies, spend = one_on_one(cast.agent).kpis
    assert (meetings.value, meetings.before, meetings.on_target) == (Decimal(5), Decimal(3), True)
    assert (replies.value, replies.target, replies.on_target) == (Decimal(7), None, None)
    assert (spend.value, spend.on_target, spend.better) == (None, None, "lower")


def test_feedback_shows_which_runs_were_given_it(cast: Cast) -> None:
    give_feedback(cast.agent, "Be brief.", actor=cast.owner)
    told = one_on_one(cast.agent).feedback
    assert told is not None
    assert (told.runs, told.newest) == (0, None)
    run = toys.started(cast.agent, "asking")
    claim(run.pk)
    told = one_on_one(cast.agent).feedback
    assert told is not None
    assert (told.instruction.number, told.instruction.created_by, told.runs, told.newest) == (1, cast.owner, 1, run.pk)


def test_after_the_review_the_talk_is_about_what_was_reviewed(cast: Cast) -> None:
    ran(cast.agent, ago(hours=3), "reply")
    today, drawn = review(cast.agent, ago(hours=9)), ago(hours=2)
    decide_review(today, actor=cast.second, kind=DecisionKind.APPROVE, until=drawn)
    ran(cast.agent, ago(hours=1), "reply")
    talk = one_on_one(cast.agent)
    assert (talk.window.since, talk.window.until, talk.did.total) == (today.since, drawn, 1)


def test_what_a_skipped_day_left_unseen_is_still_told(cast: Cast) -> None:
    ran(cast.agent, ago(hours=3), "reply")
    skipped = review(cast.agent, ago(hours=9))
    decide_review(skipped, actor=cast.owner, kind=DecisionKind.SKIP, note="no time", until=ago(hours=2))
    ran(cast.agent, ago(hours=1), "reply")
    assert one_on_one(cast.agent).did.total == 2


def test_an_agent_never_reviewed_tells_everything(cast: Cast) -> None:
    ran(cast.agent, timezone.now(), "reply")
    talk = one_on_one(cast.agent)
    assert (talk.review, talk.window.since, talk.did.total) == (None, cast.agent.created_at, 1)


def test_the_talk_takes_as_many_queries_however_much_was_done(cast: Cast, django_assert_num_queries: Any) -> None:
    for hours in range(1, 40):
        ran(cast.agent, ago(hours=hours), "reply")
    review(cast.agent, ago(hours=99))
    one_on_one(cast.agent)
    with django_assert_num_queries(8):
        one_on_one(cast.agent)


def test_whether_feedback_took_is_told_by_what_went_wrong_before_and_since(cast: Cast) -> None:
    for hours in (30, 40, 50):
        ran(cast.agent, ago(hours=hours), state="failed" if hours == 30 else "done")
    given = give_feedback(cast.agent, "Be brief.", actor=cast.owner)
    Instruction.objects.filter(pk=given.pk).update(created_at=ago(hours=20))
    ran(cast.agent, ago(hours=2), instruction=given)
    wrong = ran(cast.agent, ago(hours=3), instruction=given)
    raise_exception(cast.agent, kind=ExceptionKind.GUARDRAIL, title="Too long", run=wrong)
    ran(cast.agent, ago(hours=4), source="webhook")
    told = one_on_one(cast.agent).feedback
    assert told is not None
    assert (told.runs, told.since, told.wrong, told.before, told.wrong_before) == (2, 3, 1, 3, 1)
