"""Budgets that cannot be overspent."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from agents.base import faults
from agents.base.errors import Invalid, NotAllowed
from agents.base.faults import Fault
from agents.engine import BudgetRefused, Effect, LeaseLost, ModelFault, StepRecord, StepState, Usage
from agents.engine.graph import Kind
from agents.runs import budgets
from agents.runs.actions import decide, set_cap, set_team_cap, start_run, sweep
from agents.runs.enums import BudgetScope, DecisionKind, ExceptionKind, RunState
from agents.runs.execution.claim import claim
from agents.runs.execution.drive import drive
from agents.runs.execution.journal import PgJournal
from agents.runs.models import Budget, Reservation, Run
from audit.models import AuditEvent
from tests.cast import Cast, make_cast
from tests.runs.toys import CALLS, MEANWHILE, asked, equip, item_of, started

PAST = "2000-01-01T00:00:00Z"


def taken(run: Run, key: str, amount: int) -> bool:
    try:
        budgets.reserve(run, key, amount)
    except BudgetRefused:
        return False
    return True


def books(scope: BudgetScope) -> tuple[int, int, int]:
    """Reserved, spent, overrun."""
    row = Budget.objects.get(scope=scope, day__isnull=scope == BudgetScope.RUN)
    return row.reserved_micros, row.spent_micros, row.overrun_micros


@pytest.fixture
def run(cast: Cast) -> Run:
    equip(cast.agent, "model", run_cap=1000, day_cap=1500)
    held = claim(start_run(cast.agent, actor=None, input={}).pk)
    assert held is not None
    return held


def test_a_call_is_reserved_on_the_run_and_the_agent_s_day(run: Run) -> None:
    assert taken(run, "a", 400)
    assert books(BudgetScope.RUN) == books(BudgetScope.AGENT_DAY) == (400, 0, 0)
    assert Reservation.objects.filter(run=run, step_key="a", settled_at=None).count() == 2


def test_what_a_call_did_not_use_is_given_back(run: Run) -> None:
    assert taken(run, "a", 400)
    budgets.settle(run, "a", 150)
    assert books(BudgetScope.RUN) == (0, 150, 0)


def test_a_reply_dearer_than_its_reservation_is_booked_in_full_and_blocks_the_next(run: Run) -> None:
    assert taken(run, "a", 400)
    budgets.settle(run, "a", 700)
    assert books(BudgetScope.RUN) == (0, 400, 300)
    assert not taken(run, "b", 301)
    assert taken(run, "b", 300)


def test_a_refused_reservation_leaves_no_budget_half_taken(cast: Cast, run: Run) -> None:
    Budget.objects.all().delete()
    assert taken(run, "a", 900)
    Budget.objects.filter(scope=BudgetScope.AGENT_DAY).update(cap_micros=950)
    assert not taken(run, "b", 100)
    assert books(BudgetScope.RUN) == (900, 0, 0)


def test_a_second_try_of_a_step_takes_the_place_of_the_first(run: Run) -> None:
    call = StepRecord(key="a", node="a", kind=Kind.ROLE, effect=Effect.MODEL, cost_micros=600)
    PgJournal(run).intend(call)
    Run.objects.filter(pk=run.pk).update(state=RunState.QUEUED, lease_until=None)
    again = claim(run.pk)
    assert again is not None
    PgJournal(again).intend(call)
    assert books(BudgetScope.RUN) == (600, 0, 0)


def test_who_lost_the_run_reserves_and_books_nothing(run: Run) -> None:
    call = StepRecord(key="a", node="a", kind=Kind.ROLE, effect=Effect.MODEL, cost_micros=600)
    journal = PgJournal(run)
    journal.intend(call)
    Run.objects.filter(pk=run.pk).update(fence=F("fence") + 1)
    with pytest.raises(LeaseLost):
        journal.settle(replace(call, state=StepState.CONFIRMED, cost_micros=50))
    with pytest.raises(LeaseLost):
        journal.intend(replace(call, key="b"))
    assert books(BudgetScope.RUN) == books(BudgetScope.AGENT_DAY) == (600, 0, 0)
    assert list(run.steps.values_list("key", "state")) == [("a", "intended")]


def test_what_a_worker_that_is_gone_reserved_is_given_back_and_its_successor_keeps_its_own(run: Run) -> None:
    assert taken(run, "a", 400)
    Run.objects.filter(pk=run.pk).update(lease_until=PAST)
    sweep()
    again = claim(run.pk)
    assert again is not None
    assert budgets.release_leaked() == 0  # the sweep has done it
    assert books(BudgetScope.RUN) == (0, 0, 0)
    assert taken(again, "a", 300)
    budgets.settle(run, "a", 0)  # as a sweep that looked before
    assert books(BudgetScope.RUN) == (300, 0, 0)


def test_what_a_worker_at_work_has_reserved_stays_reserved(run: Run) -> None:
    assert taken(run, "a", 400)
    assert budgets.release_leaked() == 0
    assert books(BudgetScope.RUN) == (400, 0, 0)


def test_a_run_in_other_hands_is_given_its_money_back_while_it_runs(run: Run) -> None:
    assert taken(run, "a", 400)
    Run.objects.filter(pk=run.pk).update(fence=F("fence") + 1)
    assert budgets.release_leaked() == 1
    assert books(BudgetScope.RUN) == (0, 0, 0)


def test_nobody_books_on_a_run_that_is_gone(cast: Cast, run: Run) -> None:
    Run.objects.filter(pk=run.pk).delete()
    with pytest.raises(LeaseLost):
        budgets.book(run, "what if", 1)
    assert not Budget.objects.exists()


def test_a_call_whose_end_nobody_saw_is_paid_once_though_a_person_says_later_how_it_ended(run: Run) -> None:
    run.agent.assignment.cost_center = "support"
    journal = PgJournal(run)
    sent = StepRecord(key="a", node="a", kind=Kind.TOOL, effect=Effect.WRITE, cost_micros=100, cost_center="own")
    journal.intend(sent)
    for state in (StepState.UNKNOWN, StepState.CONFIRMED):
        journal.settle(replace(sent, state=state))
        assert run.cost_micros == 100
    assert run.steps.get().cost_center == "own", "what a node attributes itself goes before its agent's assignment"


def test_what_is_refused_is_not_announced(run: Run) -> None:
    call = StepRecord(key="a", node="a", kind=Kind.ROLE, effect=Effect.MODEL, cost_micros=1001)
    with pytest.raises(BudgetRefused):
        PgJournal(run).intend(call)
    assert books(BudgetScope.RUN) == (0, 0, 0)
    assert not run.steps.exists()
    assert not Reservation.objects.exists()
    assert Run.objects.get(pk=run.pk).last_seq == 0


def test_a_team_s_day_has_a_cap_when_somebody_set_one(cast: Cast, run: Run) -> None:
    with pytest.raises(NotAllowed):
        set_team_cap(cast.team, cap_micros=300, actor=cast.owner)
    cast.chief.is_active = False
    with pytest.raises(NotAllowed):
        set_team_cap(cast.team, cap_micros=300, actor=cast.chief)
    cast.chief.is_active = True
    set_team_cap(cast.team, cap_micros=300, actor=cast.chief)
    assert not taken(run, "a", 301)
    assert taken(run, "a", 300)
    assert books(BudgetScope.TEAM_DAY) == (300, 0, 0)


def test_money_is_whole_and_positive(run: Run) -> None:
    for amount in (1.0, True, "1"):
        with pytest.raises(TypeError):
            budgets.reserve(run, "a", amount)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="less than nothing"):
        budgets.reserve(run, "a", -1)


def test_another_currency_is_refused(run: Run) -> None:
    with pytest.raises(BudgetRefused, match="in USD"):
        budgets.reserve(run, "a", 1, currency="EUR")


@pytest.mark.parametrize("team_cap", [0, 1000])
def test_an_agent_without_an_assignment_has_no_money(cast: Cast, run: Run, team_cap: int) -> None:
    if team_cap:
        set_team_cap(cast.team, cap_micros=team_cap, actor=cast.administrator)
        assert taken(run, "before", 1)
    cast.agent.assignment.delete()
    assert not taken(run, "a", 1)
    with pytest.raises(BudgetRefused):
        budgets.book(run, "b", 1)


def test_a_run_that_would_overspend_waits_for_a_person_who_may_raise_the_cap(cast: Cast) -> None:
    equip(cast.agent, "model", run_cap=50, cost=100)
    run = start_run(cast.agent, actor=None, input={})
    drive(run.pk)
    run.refresh_from_db()
    assert (run.state, CALLS) == (RunState.WAITING, {})
    assert asked(run).kind == ExceptionKind.BUDGET
    assert asked(run).detail == "Run: $0.00 of $0.000050 are spent or reserved; $0.00010 more do not fit."
    assert AuditEvent.objects.filter(verb="budget.refused").count() == 1
    row = Budget.objects.get(scope=BudgetScope.RUN)
    with pytest.raises(NotAllowed):
        set_cap(row, cap_micros=100, actor=cast.backup)
    set_cap(row, cap_micros=100, actor=cast.owner)
    again = {"outcome": "try_again"}
    decide(item_of(run), actor=cast.owner, kind=DecisionKind.RESPOND, payload=again, idempotency_key="k")
    drive(run.pk)
    run.refresh_from_db()
    assert (run.state, CALLS["think/1"]) == (RunState.DONE, 1)


def test_a_run_whose_person_says_stop_ends(cast: Cast) -> None:
    run = started(cast.agent, "model", cost=10**10)
    drive(run.pk)
    stop = {"outcome": "stop"}
    decide(item_of(run), actor=cast.owner, kind=DecisionKind.RESPOND, payload=stop, idempotency_key="k")
    drive(run.pk)
    run.refresh_from_db()
    assert (run.state, CALLS) == (RunState.CANCELLED, {})


def test_a_cap_is_not_set_below_what_is_in_use(cast: Cast, run: Run) -> None:
    assert taken(run, "a", 500)
    with pytest.raises(Invalid, match=r"below the \$0\.00050 that are spent"):
        set_cap(Budget.objects.get(scope=BudgetScope.RUN), cap_micros=499, actor=cast.owner)


@pytest.mark.parametrize("point", ["budget.after_reserve", "budget.before_settle"])
def test_what_a_dead_worker_reserved_is_free_again(cast: Cast, point: str) -> None:
    run = started(cast.agent, "model")
    faults.arm(f"{point}:raise")
    with pytest.raises(Fault):
        drive(run.pk)
    assert books(BudgetScope.RUN) == (100, 0, 0)
    Run.objects.filter(pk=run.pk).update(lease_until=PAST)
    sweep()
    assert books(BudgetScope.RUN) == (0, 0, 0)
    assert not Reservation.objects.filter(settled_at=None).exists()
    drive(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.DONE


def test_a_step_costs_what_all_of_its_tries_cost(cast: Cast) -> None:
    """The first fails, the worker of the second dies before the reply is written, the third fails for good."""
    costs = [30, None, 50]

    def charged() -> None:
        if (cost := costs.pop(0)) is None:
            faults.arm("effect.after_send_before_journal:raise")
        else:
            raise ModelFault("busy", "Busy", retryable=True, retry_after=0, usage=Usage(cost_micros=cost))

    MEANWHILE["think"] = charged
    run = started(cast.agent, "model", cost=100)
    drive(run.pk)
    with pytest.raises(Fault):
        drive(run.pk)
    assert run.steps.values_list("sunk_micros", "cost_micros").get() == (30, 100)
    Run.objects.filter(pk=run.pk).update(lease_until=PAST)
    sweep()
    drive(run.pk)
    assert run.steps.values_list("sunk_micros", "cost_micros", "state").get() == (30, 80, "failed")
    run.refresh_from_db()
    assert (run.cost_micros, books(BudgetScope.RUN)) == (80, (0, 80, 0))


@pytest.mark.django_db(transaction=True)
def test_of_four_hundred_reservations_two_hundred_fit_and_no_more() -> None:
    agent = make_cast().agent
    equip(agent, "model", run_cap=10**9, day_cap=200 * 7)
    runs = [run for _ in range(8) if (run := claim(start_run(agent, actor=None, input={}).pk))]
    won: list[bool] = []
    overspent: list[object] = []

    def spender(run: Run) -> None:
        try:
            for number in range(50):
                key = f"k{number}"
                won.append(taken(run, key, 7))
                if won[-1] and number % 3 == 0:
                    budgets.settle(run, key, 7)
                overspent.extend(
                    Budget.objects.filter(cap_micros__lt=F("spent_micros") + F("reserved_micros") + F("overrun_micros"))
                )
        finally:
            connection.close()

    threads = [threading.Thread(target=spender, args=[run]) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (won.count(True), won.count(False), overspent) == (200, 200, [])


@pytest.mark.django_db(transaction=True)
def test_of_two_who_book_at_once_what_fits_once_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    agent = make_cast().agent
    equip(agent, "model", run_cap=100, day_cap=100)
    runs = [start_run(agent, actor=None, input={}) for _ in range(2)]
    budgets.book(runs[0], "before", 1)  # or who makes the day's row keeps the other out
    meeting, fits, told = threading.Barrier(2), budgets._insist_on_fit, list[str]()

    def together(*asked: Any) -> None:
        fits(*asked)
        with suppress(threading.BrokenBarrierError):  # who is locked out never comes
            meeting.wait(1)

    def book(run: Run) -> None:
        try:
            budgets.book(run, "what if", 60)
            told.append("booked")
        except BudgetRefused:
            told.append("refused")
        finally:
            connection.close()

    monkeypatch.setattr(budgets, "_insist_on_fit", together)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(book, runs))
    assert sorted(told) == ["booked", "refused"]
