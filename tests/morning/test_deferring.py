"""What a person's minutes do not reach and what can wait is put off by itself; one click takes it back."""

import datetime as dt
from typing import Any

from django.utils import timezone

from agents.runs.actions import claim_item, raise_exception
from agents.runs.actions.deferring import Scarce, defer, take_back
from agents.runs.enums import ExceptionKind, ItemState, RunState, Severity
from agents.runs.models import Deferral, ReviewItem, RunException
from agents.runs.queries.deferrals import deferrable, deferred
from audit.models import AuditEvent
from console.kpis.deferring import defer_overflow
from tests.cast import Cast
from tests.morning.stage import ago, review
from tests.morning.test_queue import fleet_of
from tests.pages.conftest import SignIn, sign_in
from tests.pages.stage import a_question, a_run

__all__ = ["sign_in"]
NOON = timezone.now().replace(hour=12, minute=0)


def asked(agent: Any, severity: Severity = Severity.LOW, **more: Any) -> ReviewItem:
    told = {"kind": ExceptionKind.HANDOFF, "title": f"Call back ({severity})", "severity": severity, **more}
    return raise_exception(agent, **told).item


def short_of_minutes(cast: Cast, minutes: int = 1) -> None:
    type(cast.owner).objects.filter(pk=cast.owner.pk).update(day_minutes=minutes)
    review(cast.agent, ago(hours=9))


def states(*items: ReviewItem) -> list[str]:
    return [ReviewItem.objects.get(pk=each.pk).state for each in items]


def test_what_can_wait_is_put_off_until_the_next_morning_with_why(cast: Cast) -> None:
    short_of_minutes(cast)
    item = asked(cast.agent)
    assert defer_overflow(cast.team, NOON) == 1
    found = Deferral.objects.get()
    here = found.until.astimezone(cast.owner.tzinfo)
    assert (found.item, found.person, here.hour) == (item, cast.owner, 9)
    assert found.needed > found.left
    assert states(item) == [ItemState.SNOOZED]
    event = AuditEvent.objects.get(verb="item.deferred")
    assert (event.object_id, event.actor_kind, event.agent_id) == (item.pk, "system", cast.agent.pk)


def test_a_backlog_of_months_is_put_off_like_any_other(cast: Cast) -> None:
    item, until = asked(cast.agent), timezone.now() + dt.timedelta(days=1)
    assert defer([cast.agent], Scarce(cast.owner, NOON.date(), needed=112_512, left=40_000, until=until)) == 1
    assert (states(item), Deferral.objects.get().needed) == ([ItemState.SNOOZED], 112_512)


def test_what_is_urgent_taken_or_waited_for_stays(cast: Cast) -> None:
    short_of_minutes(cast)
    urgent, taken = asked(cast.agent, Severity.HIGH), asked(cast.agent, Severity.MEDIUM)
    claim_item(taken, actor=cast.owner)
    waited = a_question(cast.agent, a_run(cast.agent, RunState.WAITING), severity="low").item
    soon = asked(
        cast.agent, kind=ExceptionKind.APPROVAL, proposal={}, expires_at=timezone.now() + dt.timedelta(hours=1)
    )
    assert RunException.objects.exclude(step_key="").count() == 1
    assert defer_overflow(cast.team, NOON) == 0
    assert states(urgent, taken, waited, soon) == ["open", "claimed", "open", "open"]


def test_whoever_is_not_asked_first_puts_nothing_off_for_those_who_are(cast: Cast) -> None:
    item, day = asked(cast.agent), NOON.date()
    assert list(deferrable([cast.agent], cast.second, day)) == []
    assert list(deferrable([cast.agent], cast.owner, day)) == [item]


def test_while_the_minutes_reach_everybody_nothing_is_put_off(cast: Cast) -> None:
    short_of_minutes(cast, 60)
    item = asked(cast.agent)
    assert (defer_overflow(cast.team, NOON), states(item)) == (0, [ItemState.OPEN])


def test_the_agents_where_a_minute_averts_most_are_still_looked_at(cast: Cast) -> None:
    type(cast.owner).objects.filter(pk=cast.owner.pk).update(day_minutes=4)
    worth, cheap = fleet_of(cast, 2)
    items = []
    for agent, value in ((worth, 900_000_000), (cheap, 1_000_000)):
        agent.value_per_outcome_micros = value
        agent.save()
        review(agent, ago(hours=9))
        items.append(asked(agent))
    assert defer_overflow(cast.team, NOON) == 1
    assert states(*items) == [ItemState.OPEN, ItemState.SNOOZED]


def test_what_was_taken_back_is_not_put_off_again_that_day(cast: Cast) -> None:
    short_of_minutes(cast)
    item = asked(cast.agent)
    defer_overflow(cast.team, NOON)
    assert (take_back(cast.owner, cast.team), states(item)) == (1, [ItemState.OPEN])
    assert (defer_overflow(cast.team, NOON), deferred(cast.owner, cast.team)) == (0, [])
    assert defer_overflow(cast.team, NOON + dt.timedelta(days=1)) == 1


def test_today_says_what_and_why_and_one_click_takes_it_back(cast: Cast, sign_in: SignIn) -> None:
    short_of_minutes(cast)
    item = asked(cast.agent)
    defer_overflow(cast.team, timezone.now())
    client = sign_in(cast.owner)
    page = client.get("/").content.decode()
    assert "1 item is put off by itself until" in page
    assert f"/queue/{item.pk}/" in page
    assert "put off by itself" not in sign_in(cast.second).get("/").content.decode()
    assert "1 item waits again." in client.post("/put-off/back/", follow=True).content.decode()
    assert states(item) == [ItemState.OPEN]
