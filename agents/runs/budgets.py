"""Money reserved before a call and settled after it, so that no cap is ever overspent (design.md §3).

Amounts are whole millionths of the budget's currency. Rows are locked in id order, after the run's row.
"""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from agents.base.clock import business_day, local_instant
from agents.base.ids import uuid7
from agents.base.money import format_money
from agents.base.sql import Row, first
from agents.engine import BudgetRefused, LeaseLost
from agents.fleet.models import Agent, Assignment
from agents.people.models import Team
from agents.runs import wording
from agents.runs.enums import BudgetScope
from agents.runs.models import Budget, Reservation, Run
from agents.runs.reserving import CLOSE, RESERVE

# Of workers that are gone: the run has left their hands, or another claim holds it.
LEAKED = ~Q(run__state="running") | ~Q(fence=F("run__fence"))


@dataclass(frozen=True)
class Place:
    """Where a budget belongs."""

    scope: BudgetScope
    scope_id: uuid.UUID
    day: dt.date | None


def reserve(
    run: Run,
    step_key: str,
    amount_micros: int,
    *,
    currency: str = "USD",
    statement: str = RESERVE,
    beside: Mapping[str, Any] | None = None,
) -> Row:
    """Reserve the amount on all budgets that cover the run now, or on none, and return what else `statement` returns.

    It holds RESERVED, and may write more with the values `beside`: in the same breath, or not at all. Missing budgets
    are made first and outlive a refusal, so that somebody can raise a cap. What an earlier try of the step left open
    must have been settled. Raises BudgetRefused, LeaseLost, and TypeError for anything but a whole number.
    """
    _insist_on_micros(amount_micros)
    asked: dict[str, Any] = {
        **(beside or {}),
        "run": run.pk,
        "fence": run.fence,
        "agent": run.agent_id,
        "team": run.agent.team_id,
        "key": step_key,
        "amount": amount_micros,
        "currency": currency,
        "ids": [uuid7() for _ in BudgetScope],
    }
    while True:
        row = first(statement, asked | {"day": today(run.agent.team)})
        if row is None:
            raise LeaseLost("This run is in other hands now.")
        if row[0]:
            return row[1:]
        _insist_on_room(run, amount_micros, currency)


def settle(run: Run, step_key: str, actual_micros: int) -> None:
    """Turn the step's open reservation into what the call cost. Without one (it was swept) nothing is booked."""
    _insist_on_micros(actual_micros)
    _close(run.pk, step_key, run.fence, actual_micros)


@transaction.atomic
def book(run: Run, key: str, amount_micros: int) -> None:
    """Book the amount under `key` on the day's budgets of the run's agent and team, beside what the run itself spends.

    It counts as spent at once, so that it stays within every cap whatever becomes of the caller; `correct` gives back
    what was not needed. Raises BudgetRefused, having booked nothing.
    """
    _insist_on_micros(amount_micros)
    caps = {where: cap for where, cap in _caps(run).items() if where.scope != BudgetScope.RUN}
    _insist_on_caps(caps)
    _make(run, [_new(where, cap) for where, cap in caps.items()])
    pks = [budget.pk for budget in _found(caps)]
    budgets = list(Budget.objects.filter(pk__in=pks).order_by("pk").select_for_update(no_key=True))
    _insist_on_fit(budgets, amount_micros, run.currency)
    Budget.objects.filter(pk__in=pks).update(spent_micros=F("spent_micros") + amount_micros)
    booked = {"run": run, "fence": run.fence, "step_key": key, "amount_micros": amount_micros}
    booked |= {"spent_micros": amount_micros, "settled_at": timezone.now()}
    Reservation.objects.bulk_create([Reservation(budget=budget, **booked) for budget in budgets])


@transaction.atomic
def correct(run: Run, key: str, actual_micros: int) -> None:
    """What was booked under `key` had cost this much; what went beyond it is booked in full, as `settle` does."""
    rows = Reservation.objects.filter(run=run, step_key=key).order_by("budget_id")
    for row in rows.select_for_update(no_key=True):
        back, over = max(row.amount_micros - actual_micros, 0), max(actual_micros - row.amount_micros, 0)
        Budget.objects.filter(pk=row.budget_id).update(
            spent_micros=F("spent_micros") - back, overrun_micros=F("overrun_micros") + over
        )
    rows.update(spent_micros=actual_micros)


def release_leaked(limit: int = 500) -> int:
    """Give back what dead workers had reserved; returns how many steps it concerned."""
    leaked = Reservation.objects.filter(LEAKED, settled_at=None).values_list("run_id", "step_key", "fence").distinct()
    found = list(leaked[:limit])
    for run_id, step_key, fence in found:
        _close(run_id, step_key, fence, 0)
    return len(found)


def known_budgets(run: Run) -> list[Budget]:
    """The rows that cover the run now: of run, agent and day, and team and day if it has a cap; those made already."""
    return _found(_caps(run))


@transaction.atomic
def _make(run: Run, rows: list[Budget]) -> None:
    """Under the run's lock: budgets hang on nothing, and who drops a run would leave those made meanwhile behind."""
    if not Run.objects.select_for_update(no_key=True).filter(pk=run.pk, fence=run.fence).exists():
        raise LeaseLost("This run is in other hands now.")
    Budget.objects.bulk_create(rows, ignore_conflicts=True)


def day_budget(agent: Agent) -> Budget | None:
    """Today's row of the agent, or the one its first call of the day would make; None while nothing is assigned."""
    day = today(agent.team)
    if found := Budget.objects.filter(scope=BudgetScope.AGENT_DAY, scope_id=agent.pk, day=day).first():
        return found
    cap = Assignment.objects.filter(agent=agent).values_list("day_cap_micros", flat=True).first()
    return Budget(scope=BudgetScope.AGENT_DAY, scope_id=agent.pk, day=day, cap_micros=cap) if cap else None


def today(team: Team) -> dt.date:
    """The day that caps and limits of a day are of now: the team's, by its clock."""
    return business_day(timezone.now(), ZoneInfo(team.zone))


def midnight(team: Team) -> dt.datetime:
    """When the team's `today` began."""
    return local_instant(today(team), dt.time.min, ZoneInfo(team.zone))


def _new(where: Place, cap_micros: int) -> Budget:
    return Budget(scope=where.scope, scope_id=where.scope_id, day=where.day, cap_micros=cap_micros)


def place(budget: Budget) -> Place:
    return Place(BudgetScope(budget.scope), budget.scope_id, budget.day)


def _caps(run: Run) -> dict[Place, int]:
    assignment = Assignment.objects.filter(agent=run.agent_id).first()
    if assignment is None:
        return {}
    team = run.agent.team
    day = today(team)
    caps = {
        Place(BudgetScope.RUN, run.pk, None): assignment.run_cap_micros,
        Place(BudgetScope.AGENT_DAY, run.agent_id, day): assignment.day_cap_micros,
    }
    if standing := Budget.objects.filter(scope=BudgetScope.TEAM_DAY, scope_id=team.pk, day=None).first():
        caps[Place(BudgetScope.TEAM_DAY, team.pk, day)] = standing.cap_micros
    return caps


def _found(places: dict[Place, int]) -> list[Budget]:
    if not places:
        return []
    wanted = [Q(scope=p.scope, scope_id=p.scope_id, day=p.day) for p in places]
    return list(Budget.objects.filter(Q(*wanted, _connector=Q.OR)))


def _close(run_id: uuid.UUID, step_key: str, fence: int, actual_micros: int) -> None:
    first(CLOSE, {"run": run_id, "key": step_key, "fence": fence, "spent": actual_micros})


def _insist_on_room(run: Run, amount_micros: int, currency: str) -> None:
    """Make the budgets that are missing. Raises BudgetRefused with the first that has no room, or where there is none.

    Otherwise it is worth another try.
    """
    caps = _caps(run)
    found = _found(caps)
    _insist_on_caps(caps)
    if missing := caps.keys() - {place(budget) for budget in found}:
        _make(run, [_new(where, caps[where]) for where in missing])
    _insist_on_fit(found, amount_micros, currency)


def _insist_on_caps(caps: Mapping[Place, int]) -> None:
    if not caps:
        raise BudgetRefused(wording.NO_BUDGET)


def _insist_on_fit(budgets: Sequence[Budget], amount_micros: int, currency: str) -> None:
    for budget in budgets:
        used = budget.spent_micros + budget.reserved_micros + budget.overrun_micros
        if budget.currency != currency or used + amount_micros > budget.cap_micros:
            raise BudgetRefused(_why(budget, amount_micros, currency))


def _insist_on_micros(amount: int) -> None:
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise TypeError(f"Money is whole micro-units, not {type(amount).__name__}.")
    if amount < 0:
        raise ValueError("Nobody reserves or spends less than nothing.")


def _why(budget: Budget, amount_micros: int, currency: str) -> str:
    if budget.currency != currency:
        return wording.OTHER_CURRENCY % {
            "budget": budget.currency,
            "price": currency,
        }
    used = budget.spent_micros + budget.reserved_micros + budget.overrun_micros
    return wording.BUDGET_SHORT % {
        "scope": budget.get_scope_display(),
        "used": format_money(used, currency),
        "cap": format_money(budget.cap_micros, currency),
        "amount": format_money(amount_micros, currency),
    }
