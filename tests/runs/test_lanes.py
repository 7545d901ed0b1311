"""What goes first when there is more to do than workers: what is held, why, since when, and what never is."""

import datetime as dt
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from prometheus_client import CollectorRegistry

from agents.fleet.models import Agent, PolicyVersion, Schedule
from agents.runs import hooks
from agents.runs.actions import start_run, sweeping
from agents.runs.actions.pressure import balance
from agents.runs.actions.sweeping import publish_again
from agents.runs.enums import Lane, RunState
from agents.runs.execution.claim import claim
from agents.runs.execution.drive import drive, drive_next
from agents.runs.inputs import owed_by
from agents.runs.lanes import LASTS_S
from agents.runs.models import Hold, Run
from agents.runs.queries.lanes import hold_of, holds, together, waiting
from agents.runs.wake import wire
from audit.models import AuditEvent
from console.health import _lanes
from tests.cast import Cast
from tests.pages.conftest import SignIn, sign_in
from tests.runs.toys import started

__all__ = ["sign_in"]
pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


def queued(agent: Agent, *, waited: dt.timedelta = dt.timedelta(), n: int = 1, **fields: Any) -> list[Run]:
    """Runs that have been due so long."""
    row = {"agent": agent, "state_since": timezone.now() - waited, **fields}
    return Run.objects.bulk_create([Run(**row) for _number in range(n)])


def held() -> set[tuple[str | None, str]]:
    rows = Hold.objects.filter(ended_at=None).values_list("team__name", "lane")
    return set(rows)


def test_a_lane_that_waits_too_long_holds_what_is_below_it(cast: Cast) -> None:
    queued(cast.agent, waited=MINUTE, queue="urgent")
    balance()
    assert held() == {(None, "nightly"), (None, "batch")}
    assert "1 of the lane “interactive” wait, the oldest for 60 s" in holds(cast.team)[0].reason


def test_many_that_wait_hold_as_well_as_one_that_waits_long(cast: Cast) -> None:
    queued(cast.agent, n=51, queue="urgent")
    balance()
    assert (None, "batch") in held()


def test_nightly_work_goes_before_batches_and_a_broadcast_before_both(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = queued(cast.agent, waited=20 * MINUTE)
    balance()
    assert held() == set()  # batches hold nobody
    monkeypatch.setattr(hooks, "broadcasts_due", lambda: [(cast.team.pk, 3, 90.0)])
    balance()
    assert held() == {(None, "nightly"), (None, "batch")}
    assert claim(batch[0].pk) is None


def test_a_held_run_is_not_claimed_nor_published_and_goes_on_once_the_hold_has_ended(cast: Cast) -> None:
    run = started(cast.agent, "chain")
    Hold.objects.create(lane=Lane.BATCH, reason="people wait")
    assert claim(run.pk) is None
    assert hold_of(run) == Hold.objects.get()
    Run.objects.update(published_at=None)
    publish_again()
    assert Run.objects.get(pk=run.pk).published_at is None
    balance()
    assert Hold.objects.get().ended_at is not None
    assert claim(run.pk) is not None


@pytest.mark.parametrize("fields", [{"queue": "urgent"}, {"fence": 1}], ids=["interactive", "begun"])
def test_what_people_wait_for_and_what_has_begun_is_never_held(cast: Cast, fields: dict[str, Any]) -> None:
    run = started(cast.agent, "chain")
    Run.objects.filter(pk=run.pk).update(**fields)
    for lane in (Lane.NIGHTLY, Lane.BATCH):
        Hold.objects.create(lane=lane, reason="people wait")
    assert claim(run.pk) is not None


def test_a_hold_that_nobody_renews_holds_nothing(cast: Cast) -> None:
    run = started(cast.agent, "chain")
    Hold.objects.create(lane=Lane.BATCH, reason="x", renewed_at=timezone.now() - dt.timedelta(seconds=LASTS_S + 1))
    assert not holds(cast.team).exists()
    assert claim(run.pk) is not None


def test_a_hold_lasts_until_half_of_what_began_it_and_keeps_its_beginning(cast: Cast) -> None:
    [waits] = queued(cast.agent, waited=MINUTE, queue="urgent")
    balance()
    since = Hold.objects.filter(ended_at=None).values_list("since", flat=True)[0]
    for waited, on in ((10, True), (5, False)):
        Run.objects.filter(pk=waits.pk).update(state_since=timezone.now() - dt.timedelta(seconds=waited))
        balance()
        assert (set(Hold.objects.filter(ended_at=None).values_list("since", flat=True)) == {since}) is on


def test_a_team_that_has_had_more_than_its_share_waits_for_one_that_is_owed(cast: Cast) -> None:
    queued(cast.agent, n=3, state=RunState.DONE, fence=1)
    queued(cast.agent, waited=2 * MINUTE, n=5)
    queued(cast.rival_agent, waited=MINUTE)
    balance()
    assert held() == {("Northwind", "nightly"), ("Northwind", "batch")}
    assert not holds(cast.rival_team).exists()
    Run.objects.filter(agent=cast.rival_agent).update(state=RunState.DONE, fence=1)
    balance()
    assert held() == set()


def test_a_team_alone_is_never_held_for_its_share(cast: Cast) -> None:
    queued(cast.agent, n=3, state=RunState.DONE, fence=1)
    queued(cast.agent, waited=2 * MINUTE, n=5)
    balance()
    assert held() == set()


def test_every_lane_counts_what_is_due_and_nothing_else(cast: Cast) -> None:
    queued(cast.agent, n=2, queue="urgent")
    queued(cast.agent, run_after=timezone.now() + MINUTE)
    queued(cast.agent, signal="pause")
    found = together(waiting())
    assert {lane: row.n for lane, row in found.items()} == {lane: 2 * (lane == Lane.INTERACTIVE) for lane in Lane}


def test_whoever_is_woken_takes_what_has_the_earliest_sla_of_its_queue_first(cast: Cast) -> None:
    """Told in the order in which they came in, carried out in the order in which answers are owed, by any plan."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off")
    given = {"none": None, "hour": 60, "soon": 5, "later": 30}
    started(cast.agent, "chain").delete()
    runs = {name: start_run(cast.agent, actor=None, input={}, answer_by=owed_by(sla)) for name, sla in given.items()}
    names = {run.pk: name for name, run in runs.items()}
    assert drive_next(runs["none"].pk) is False
    assert drive_next(runs["hour"].pk) is False
    for name in given:
        drive(runs[name].pk)
    claimed = AuditEvent.objects.filter(verb="run.claimed", object_id__in=names).order_by("seq")
    assert [names[event.object_id] for event in claimed if event.object_id] == ["soon", "later", "hour", "none"]
    assert [event.correlation_id == event.object_id for event in claimed] == [True] * 4
    assert Run.objects.filter(state=RunState.DONE).count() == 4


def test_a_ticket_without_an_sla_is_owed_an_answer_when_its_channel_has_waited_long_enough(cast: Cast) -> None:
    started(cast.agent, "chain")
    PolicyVersion.objects.create(team=cast.team, number=9, statement="", rules={"channel_seconds": {"chat": 30}})
    agent, owed = cast.agent, owed_by(5)
    chat = start_run(agent, actor=None, input={"channel": "chat"})
    assert chat.answer_by is not None
    assert dt.timedelta() < chat.answer_by - chat.created_at <= dt.timedelta(seconds=30)
    assert start_run(agent, actor=None, input={"channel": "email"}).answer_by is None
    assert start_run(agent, actor=None, input={}).answer_by is None
    assert start_run(agent, actor=None, input={"channel": "chat"}, answer_by=owed).answer_by == owed


HINDERED: dict[str, dict[str, Any]] = {
    "in the other queue": {"queue": "urgent"},
    "not due yet": {"run_after": timezone.now() + 60 * MINUTE},
    "paused": {"signal": "pause"},
    "taken": {"state": RunState.DONE},
    "with a later SLA": {"answer_by": timezone.now() + 600 * MINUTE},
}


@pytest.mark.parametrize("fields", HINDERED.values(), ids=HINDERED)
def test_what_cannot_be_taken_now_keeps_nobody_from_what_they_were_woken_for(
    cast: Cast, fields: dict[str, Any]
) -> None:
    first = started(cast.agent, "chain")
    Run.objects.filter(pk=first.pk).update(answer_by=timezone.now() + 60 * MINUTE)
    queued(cast.agent, **{"answer_by": timezone.now() + MINUTE, "flow_version": first.flow_version, **fields})
    assert drive_next(first.pk) is True
    assert Run.objects.get(pk=first.pk).state == RunState.DONE


def test_a_pressing_run_of_a_lane_that_is_held_waits_like_the_others(cast: Cast) -> None:
    nightly = started(cast.agent, "chain")
    schedule = Schedule.objects.create(agent=cast.agent, local_time=dt.time(3))
    Run.objects.filter(pk=nightly.pk).update(schedule=schedule)
    pressing = start_run(cast.agent, actor=None, input={}, answer_by=owed_by(1))
    Hold.objects.create(lane=Lane.BATCH, reason="people wait")
    drive(nightly.pk)
    assert Run.objects.get(pk=pressing.pk).state == RunState.QUEUED
    assert Run.objects.get(pk=nightly.pk).state == RunState.DONE


def test_the_most_pressing_are_published_again_first(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "PUBLISH_BATCH", 1)
    monkeypatch.setattr(wire, "length", lambda queue: 0)
    now = timezone.now()
    queued(cast.agent, published_at=None)
    [pressing] = queued(cast.agent, answer_by=now + MINUTE, published_at=now - 2 * MINUTE)
    publish_again()
    assert Run.objects.get(published_at__gt=now - MINUTE) == pressing


def test_what_waits_why_and_since_when_is_on_the_pages_and_among_the_figures(cast: Cast, sign_in: SignIn) -> None:
    run = started(cast.agent, "chain")
    queued(cast.agent, waited=MINUTE, queue="urgent")
    balance()
    client = sign_in(cast.chief)
    for page in ("/runs/", f"/runs/{run.pk}/", "/settings/"):
        assert "the oldest for 60 s" in unescape(client.get(page).content.decode()), page
    assert "Batch: held" in client.get("/runs/").content.decode()
    registry = CollectorRegistry()
    _lanes(cast.team, registry)
    for lane, waits in (("interactive", 1), ("batch", 1), ("nightly", 0)):
        assert registry.get_sample_value("rollcall_lane_waiting", {"lane": lane}) == waits
    assert registry.get_sample_value("rollcall_lane_held", {"lane": "batch"}) == 1
    assert registry.get_sample_value("rollcall_lane_held", {"lane": "interactive"}) == 0
