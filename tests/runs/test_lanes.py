"""What goes first when there is more to do than workers: what is held, why, since when, and what never is."""

import datetime as dt
from html import unescape
from typing import Any

import pytest
from django.utils import timezone
from prometheus_client import CollectorRegistry

from agents.fleet.models import Agent
from agents.runs import hooks
from agents.runs.actions.pressure import balance
from agents.runs.actions.sweeping import publish_again
from agents.runs.enums import Lane, RunState
from agents.runs.execution.claim import claim
from agents.runs.lanes import LASTS_S
from agents.runs.models import Hold, Run
from agents.runs.queries.lanes import hold_of, holds, together, waiting
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
