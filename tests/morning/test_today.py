"""What Today says is counted from rows, in the same few queries whatever the size of the fleet."""

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from agents.fleet.actions import observe, open_one_on_one
from agents.fleet.enums import Function, Lifecycle, Observed, OwnerRole, Vendor
from agents.fleet.models import Agent, KpiPoint, KpiTarget
from agents.runs.actions import claim_item, decide_review, note_activity, raise_exception
from agents.runs.enums import DecisionKind, ExceptionKind, ReviewState, Severity
from agents.runs.models import ITEM, ReviewItem
from agents.runs.queries import Need, needing
from console.kpis.outcomes import night_of
from console.kpis.today import Today, today
from console.pages.today.achieved import achieved
from console.pages.today.rows import rows
from tests.cast import Cast, make_agent
from tests.morning.stage import ago, analyze, ran, review
from tests.morning.test_queue import fleet_of

K = ExceptionKind
QUERIES = 5


def now_of(cast: Cast) -> Today:
    return today(cast.owner, cast.team, timezone.now())


def counts(cast: Cast) -> dict[str, int]:
    return {card.slug: card.count for card in now_of(cast).cards}


@pytest.mark.parametrize("size", [1, 25, 250])
def test_today_takes_as_many_queries_at_any_size(cast: Cast, size: int, django_assert_num_queries: Any) -> None:
    for agent in fleet_of(cast, size):
        ran(agent, ago(hours=1), "reply")
        review(agent, ago(hours=9))
        raise_exception(agent, kind=K.APPROVAL, title="May I?")
    analyze()
    now_of(cast)  # content types are remembered
    with django_assert_num_queries(QUERIES):
        found = now_of(cast)
    assert (len(found.fleet), found.progress.total, len(found.waiting)) == (size, size, min(size, 10))


def test_the_fleet_is_ordered_by_expected_loss_with_its_reason(cast: Cast) -> None:
    bad, worse, well = fleet_of(cast, 3)
    raise_exception(bad, kind=K.HANDOFF, title="low", severity=Severity.LOW)
    raise_exception(worse, kind=K.APPROVAL, title="high", severity=Severity.HIGH)
    observe(well, Observed.RUNNING, {"running": 2})
    first, second, third = now_of(cast).fleet
    assert (first.agent, first.expected_loss_micros, first.why) == (
        worse,
        5_986_877,
        "60 % likely wrong · High severity",
    )
    assert (first.waiting, first.exceptions, first.status) == (1, 1, Observed.WAITING_ON_HUMAN)
    assert (second.agent, second.expected_loss_micros, second.waiting) == (bad, 997_505, 1)
    assert (third.agent, third.expected_loss_micros, third.why) == (well, 0, "")
    assert first.owners == "Amelia, Dev"


def test_a_card_counts_what_its_list_shows(cast: Cast) -> None:
    for kind in (K.APPROVAL, K.QUESTION, K.SILENCE, K.CHECK_IN, K.FAILURE):
        raise_exception(cast.agent, kind=kind, title=kind)
    found = counts(cast)
    for need in Need:
        assert found[need] == needing(cast.owner, cast.team, need).count() > 0
    assert found["owners"] == 0
    make_agent(cast.team, "alone", (cast.owner, OwnerRole.PRIMARY), lifecycle=Lifecycle.ONBOARDING)
    assert counts(cast)["owners"] == 1


def test_progress_counts_reviews_done_and_minutes_given(cast: Cast) -> None:
    one, _two = fleet_of(cast, 2)
    reviews = [review(agent, ago(hours=9)) for agent in fleet_of_team(cast)]
    decide_review(reviews[0], actor=cast.owner, kind=DecisionKind.APPROVE)
    for agent in fleet_of_team(cast):
        note_activity(cast.owner, agent, 60)
    progress = now_of(cast).progress
    assert (progress.done, progress.total, progress.minutes, progress.left) == (1, 2, 1, 44)
    assert (progress.talked, progress.active) == (0, 2)
    open_one_on_one(one, actor=cast.owner)
    assert now_of(cast).progress.talked == 1
    assert now_of(cast).fleet[0].review in (ReviewState.APPROVED, ReviewState.PENDING)
    assert one in [row.agent for row in now_of(cast).fleet]


def fleet_of_team(cast: Cast) -> list[Any]:
    return list(cast.team.agents.order_by("pk"))


def test_outcomes_stand_beside_the_night_before_a_week_ago_and_the_target(cast: Cast) -> None:
    cast.agent.function, cast.agent.value_per_outcome_micros = Function.SALES, 120_000_000
    cast.agent.save()
    [_sales, support] = fleet_of(cast, 2)
    now = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)
    for days, many in ((0, 3), (1, 2), (7, 1)):
        for hour in range(many):
            at = now - dt.timedelta(days=days, hours=4 + hour)
            ran(cast.agent, at, "meeting", cost_micros=1000)
            ran(support, at, "reply", cost_micros=500)
    KpiTarget.objects.create(agent=cast.agent, key="meetings", target=Decimal(4))
    KpiTarget.objects.create(agent=cast.agent, key="spend", target=Decimal("0.5"))
    found = {each.key: each for each in today(cast.owner, cast.team, now).outcomes}
    meetings, pipeline = found["meetings"], found["pipeline"]
    assert (meetings.value, meetings.yesterday, meetings.last_week, meetings.target) == (3, 2, 1, 4)
    assert (pipeline.value, pipeline.yesterday, pipeline.target) == (360_000_000, 240_000_000, None)
    assert (found["resolved"].value, found["resolved"].last_week) == (3, 1)
    assert (found["spend"].value, found["spend"].target) == (4500, 500_000)


def test_what_runs_cost_is_said_in_their_currency_and_never_added_up_with_another(cast: Cast) -> None:
    now = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)
    cast.team.currency = "BRL"
    KpiTarget.objects.create(agent=cast.agent, key="spend", target=Decimal(1))
    ran(cast.agent, now - dt.timedelta(hours=4), cost_micros=160_000)
    ran(cast.agent, now - dt.timedelta(hours=5), cost_micros=3_000_000, currency="BRL")
    ran(cast.agent, now - dt.timedelta(days=1, hours=4), cost_micros=60_000)
    ran(cast.agent, now - dt.timedelta(hours=6), source="sync:monaco", currency="EUR")
    for _kept in range(2):
        said = achieved([each for each in today(cast.owner, cast.team, now).outcomes if each.key == "spend"])
        assert [(each.value, each.change, each.target) for each in said] == [
            ("R$3.00", "▲R$3.00", "R$1.00"),
            ("$0.16", "▲$0.10", ""),
        ]


def test_a_row_says_what_its_runs_cost_in_their_currency(cast: Cast) -> None:
    Agent.objects.update(currency="BRL")
    ran(cast.agent, ago(hours=1), cost_micros=840)
    [row] = rows(now_of(cast).fleet)
    assert row.overnight == "1 run · $0.00084"
    ran(cast.agent, ago(hours=1), cost_micros=3_200_000, currency="EUR")
    ran(cast.agent, ago(hours=1), currency="BRL", state="failed")
    [row] = rows(now_of(cast).fleet)
    assert (row.overnight, row.failed) == ("3 runs · €3.20 + $0.00084", "1 failed")


def test_a_night_of_which_no_run_tells_its_cost_was_not_free(cast: Cast) -> None:
    now = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)
    ran(cast.agent, now - dt.timedelta(hours=4), source="sync:monaco")
    ran(cast.agent, now - dt.timedelta(days=1, hours=4), source="sync:monaco", cost_micros=20_000)
    [spend] = [each for each in today(cast.owner, cast.team, now).outcomes if each.key == "spend"]
    assert (spend.value, spend.yesterday, spend.last_week) == (None, 20_000, 0)
    [said] = achieved([spend])
    assert (said.value, said.change, said.week) == ("not told", "", "")


def test_what_an_agent_works_out_for_an_item_is_no_outcome_but_its_cost_counts(cast: Cast) -> None:
    now = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)
    Agent.objects.update(function=Function.SUPPORT)
    ran(cast.agent, now - dt.timedelta(hours=4), "reply", cost_micros=500, subject_type=ITEM)
    found = {each.key: each for each in today(cast.owner, cast.team, now).outcomes}
    assert (found["resolved"].value, found["spend"].value) == (0, 500)


def test_what_a_vendor_counts_itself_holds_where_it_is_more(cast: Cast) -> None:
    now = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)
    Agent.objects.update(vendor=Vendor.QUALIFIED, value_per_outcome_micros=1_000_000)
    for day, meetings in ((20, 5), (19, 1)):
        KpiPoint.objects.create(agent=cast.agent, key="meetings", day=dt.date(2026, 11, day), value=meetings)
    for hours in (3, 27, 28):
        ran(cast.agent, now - dt.timedelta(hours=hours), "meeting")
    found = {each.key: each for each in today(cast.owner, cast.team, now).outcomes}
    assert (found["meetings"].value, found["meetings"].yesterday) == (5, 2)
    assert found["pipeline"].value == 5_000_000


def test_a_night_of_a_clock_change_is_an_hour_longer() -> None:
    since, until = night_of(dt.date(2026, 10, 25), ZoneInfo("Europe/Madrid"))
    assert until - since == dt.timedelta(hours=25)


def test_what_changed_is_what_others_did_since_the_last_look(cast: Cast) -> None:
    raised = raise_exception(cast.agent, kind=K.APPROVAL, title="May I?")
    claim_item(raised.item, actor=cast.second)
    decide_review(review(cast.agent, ago(hours=9)), actor=cast.owner, kind=DecisionKind.SKIP, note="no time")
    decide_review(review(cast.agent, ago(hours=9), day=dt.date(2000, 1, 1)), actor=cast.second, kind="skip", note="no")
    changed = now_of(cast).changed
    assert [(each.who, each.text) for each in changed] == [
        ("Dev", "decided an agent's day"),
        ("refund agent", "raised an exception"),
    ]
    assert changed[1].url == f"/exceptions/{raised.pk}/"
    assert today(cast.owner, cast.team, timezone.now(), since=timezone.now()).changed == []


def test_who_waits_is_shown_with_whom_it_waits_for_and_what_it_costs(cast: Cast) -> None:
    cast.agent.waiting_cost_micros_per_hour = 19_000_000
    cast.agent.save()
    raised = raise_exception(cast.agent, kind=K.APPROVAL, title="May I?")
    [waiting] = now_of(cast).waiting
    assert (waiting.person, waiting.cost_per_hour_micros) == ("Amelia", 19_000_000)
    assert now_of(cast).idle_micros_per_hour == 19_000_000
    claim_item(ReviewItem.objects.get(exception=raised), actor=cast.second)
    assert now_of(cast).waiting[0].person == "Dev"


def test_strangers_see_nothing_of_the_team(cast: Cast) -> None:
    raise_exception(cast.agent, kind=K.APPROVAL, title="May I?")
    seen = today(cast.rival, cast.team, timezone.now())
    assert (seen.fleet, seen.waiting, seen.changed, seen.progress.total) == ([], [], [], 0)
    assert {card.count for card in seen.cards} == {0}
    assert {outcome.value for outcome in seen.outcomes} == {0}
