"""Money reserved before a call and settled after it, so that no cap is ever overspent (design.md §3).

Amounts are whole millionths of the budget's currency. Rows are locked in id order, after the run's row.
"""

import datetime as dt
import uuid
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from agents.base.clock import business_day
from agents.base.money import format_money
from agents.engine import BudgetRefused, LeaseLost
from agents.fleet.models import Agent, Assignment
from agents.people.models import Team
from agents.runs import wording
from agents.runs.enums import BudgetScope
from agents.runs.models import Budget, Reservation, Run

TAKE = """
WITH locked AS (SELECT id FROM runs_budget WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE)
UPDATE runs_budget b SET reserved_micros = reserved_micros + %s FROM locked
WHERE b.id = locked.id AND b.currency = %s
  AND spent_micros + reserved_micros + overrun_micros + %s <= cap_micros
RETURNING b.id
"""
# A reply dearer than its reservation is booked in full: the rest goes to `overrun`, which blocks the next reservation.
CLOSE = """
WITH closed AS (
  UPDATE runs_reservation SET settled_at = now(), spent_micros = %s
  WHERE run_id = %s AND step_key = %s AND fence <= %s AND settled_at IS NULL RETURNING budget_id, amount_micros
), locked AS (
  SELECT id FROM runs_budget WHERE id IN (SELECT budget_id FROM closed) ORDER BY id FOR NO KEY UPDATE
)
UPDATE runs_budget b SET reserved_micros = reserved_micros - amount_micros,
  spent_micros = spent_micros + least(%s, amount_micros),
  overrun_micros = overrun_micros + greatest(%s - amount_micros, 0)
FROM closed JOIN locked ON locked.id = closed.budget_id WHERE b.id = locked.id
"""
# Of workers that are gone: the run has left their hands, or another claim holds it.
LEAKED = ~Q(run__state="running") | ~Q(fence=F("run__fence"))


@dataclass(frozen=True)
class Place:
    """Where a budget belongs."""

    scope: BudgetScope
    scope_id: uuid.UUID
    day: dt.date | None


def reserve(run: Run, step_key: str, amount_micros: int, budgets: list[Budget], *, currency: str = "USD") -> None:
    """Reserve the amount on all of the run's budgets (`budgets_of`) or none. Only inside a transaction.

    A reservation left by an earlier try of the step is given back first. Raises BudgetRefused, which must roll the
    transaction back, and TypeError for anything but a whole number.
    """
    _insist_on_micros(amount_micros)
    _close(run.pk, step_key, run.fence, 0)
    if not budgets:
        raise BudgetRefused(wording.NO_BUDGET)
    ids = [budget.pk for budget in budgets]
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [ids, amount_micros, currency, amount_micros])
        taken = {row[0] for row in cursor.fetchall()}
    if short := [budget for budget in budgets if budget.pk not in taken]:
        raise BudgetRefused(_why(Budget.objects.get(pk=short[0].pk), amount_micros, currency))
    claims = {"run": run, "fence": run.fence, "step_key": step_key, "amount_micros": amount_micros}
    Reservation.objects.bulk_create([Reservation(budget=budget, **claims) for budget in budgets])


def settle(run: Run, step_key: str, actual_micros: int) -> None:
    """Turn the step's open reservation into what the call cost. Without one (it was swept) nothing is booked."""
    _insist_on_micros(actual_micros)
    _close(run.pk, step_key, run.fence, actual_micros)


def release_leaked(limit: int = 500) -> int:
    """Give back what dead workers had reserved; returns how many steps it concerned."""
    leaked = Reservation.objects.filter(LEAKED, settled_at=None).values_list("run_id", "step_key", "fence").distinct()
    found = list(leaked[:limit])
    for run_id, step_key, fence in found:
        with transaction.atomic():
            _close(run_id, step_key, fence, 0)
    return len(found)


def budgets_of(run: Run) -> list[Budget]:
    """The rows that cover the run now, made where missing: run, agent and day, and team and day if it has a cap.

    For the worker that holds the run; raises LeaseLost when another does, or the run is gone.
    """
    caps = _caps(run)
    found = _found(caps)
    if missing := caps.keys() - {place(budget) for budget in found}:
        _make(run, [Budget(scope=p.scope, scope_id=p.scope_id, day=p.day, cap_micros=caps[p]) for p in missing])
        found = _found(caps)
    return found


def known_budgets(run: Run) -> list[Budget]:
    """Those of them that were made already."""
    return _found(_caps(run))


@transaction.atomic
def _make(run: Run, rows: list[Budget]) -> None:
    """Under the run's lock: budgets hang on nothing, and who drops a run would leave those made meanwhile behind."""
    if not Run.objects.select_for_update(no_key=True).filter(pk=run.pk, fence=run.fence).exists():
        raise LeaseLost("This run is in other hands now.")
    Budget.objects.bulk_create(rows, ignore_conflicts=True)


def day_budget(agent: Agent) -> Budget | None:
    """Today's row of the agent, or the one its first call of the day would make; None while nothing is assigned."""
    today = _today(agent.team)
    if found := Budget.objects.filter(scope=BudgetScope.AGENT_DAY, scope_id=agent.pk, day=today).first():
        return found
    cap = Assignment.objects.filter(agent=agent).values_list("day_cap_micros", flat=True).first()
    return Budget(scope=BudgetScope.AGENT_DAY, scope_id=agent.pk, day=today, cap_micros=cap) if cap else None


def _today(team: Team) -> dt.date:
    return business_day(timezone.now(), ZoneInfo(team.zone))


def place(budget: Budget) -> Place:
    return Place(BudgetScope(budget.scope), budget.scope_id, budget.day)


def _caps(run: Run) -> dict[Place, int]:
    assignment = Assignment.objects.filter(agent=run.agent_id).first()
    if assignment is None:
        return {}
    team = run.agent.team
    today = _today(team)
    caps = {
        Place(BudgetScope.RUN, run.pk, None): assignment.run_cap_micros,
        Place(BudgetScope.AGENT_DAY, run.agent_id, today): assignment.day_cap_micros,
    }
    if standing := Budget.objects.filter(scope=BudgetScope.TEAM_DAY, scope_id=team.pk, day=None).first():
        caps[Place(BudgetScope.TEAM_DAY, team.pk, today)] = standing.cap_micros
    return caps


def _found(places: dict[Place, int]) -> list[Budget]:
    if not places:
        return []
    wanted = [Q(scope=p.scope, scope_id=p.scope_id, day=p.day) for p in places]
    return list(Budget.objects.filter(Q(*wanted, _connector=Q.OR)))


def _close(run_id: uuid.UUID, step_key: str, fence: int, actual_micros: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(CLOSE, [actual_micros, run_id, step_key, fence, actual_micros, actual_micros])


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
