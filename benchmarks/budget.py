"""Eight processes against one budget that has room for half of their calls (guarantee G23).

Each call is journalled as a call to a model is: announced with its reservation, then settled at what it cost. A call
that is granted commits twice, one that is refused once, so the floor is 1.5 bare commits a call.
"""

import uuid
from dataclasses import dataclass, replace

from agents.engine import BudgetRefused, Effect, StepRecord, StepState
from agents.engine.graph import Kind
from agents.fleet.models import Agent
from agents.runs.actions import start_run
from agents.runs.enums import BudgetScope
from agents.runs.execution.claim import claim
from agents.runs.execution.journal import PgJournal
from agents.runs.models import Budget, Reservation
from benchmarks import floors
from benchmarks.crew import Crew, crew
from benchmarks.fleet import make_agents, make_team
from benchmarks.stand import Stand
from benchmarks.table import Row, against, spread

PRICE = 1_000


@dataclass(frozen=True)
class Purse:
    """One process's share: its run, and how many calls it tries."""

    run_id: uuid.UUID
    calls: int


@dataclass(frozen=True)
class Ending:
    """How one shift ended."""

    granted: int
    overspent: int
    calls_per_second: float


def run(stand: Stand, *, quick: bool) -> list[Row]:
    """Exactly the calls that fit are granted, and the books agree with that to the millionth."""
    processes, calls = (2, 8) if quick else (8, 50)
    floor, endings = [], []
    with crew(stand, processes) as workers:
        for _ in range(1 if quick else 5):
            floor.append(floors.commits_per_second(stand.home, processes, 1) / 1.5)
            endings.append(_shift(workers, processes, calls))
    return _rows(endings, floor, processes, processes * calls)


def _rows(endings: list[Ending], floor: list[float], processes: int, calls: int) -> list[Row]:
    granted, overspent = [ending.granted for ending in endings], max(ending.overspent for ending in endings)
    pace = spread([ending.calls_per_second for ending in endings], "calls/s")
    what, fitting = f"{processes} processes, {calls} calls, budget for {calls // 2}", calls // 2
    floor_name = f"1.5 commits a call, {processes} clients, pgbench"
    return [
        Row(f"{what}: granted", _said(granted), goal=f"exactly {fitting}", met=set(granted) == {fitting}),
        Row(f"{what}: overspent", f"{overspent} millionths", goal="0", met=overspent == 0),
        against(f"{what}: pace", pace, spread(floor, "calls/s"), floor_name),
    ]


def _said(granted: list[int]) -> str:
    return ", ".join(map(str, granted))


def _shift(workers: Crew, processes: int, calls: int) -> Ending:
    agent = make_agents(make_team(), 1, steps=1, day_cap_micros=processes * calls // 2 * PRICE)[0]
    runs = [start_run(agent, actor=None, input={}).pk for _ in range(processes)]
    shift = workers.work(spend, [Purse(run_id, calls) for run_id in runs])
    granted = sum(shift.results)
    return Ending(granted, _overspent(agent, granted), processes * calls / shift.seconds)


def spend(purse: Purse) -> int:
    """Try every call of the share; how many were granted."""
    run = claim(purse.run_id)
    assert run
    journal = PgJournal(run)
    return sum(_granted(journal, f"call/{number}") for number in range(purse.calls))


def _granted(journal: PgJournal, key: str) -> bool:
    intent = StepRecord(key=key, node="call", kind=Kind.ROLE, effect=Effect.MODEL, cost_micros=PRICE)
    try:
        journal.intend(intent)
    except BudgetRefused:
        return False
    journal.settle(replace(intent, state=StepState.CONFIRMED, output={"n": 1}))
    return True


def _overspent(agent: Agent, granted: int) -> int:
    """Millionths beyond the cap. Asserts that the books say what was granted and that nothing is still reserved."""
    budget = Budget.objects.get(scope=BudgetScope.AGENT_DAY, scope_id=agent.pk)
    assert (budget.spent_micros, budget.reserved_micros) == (granted * PRICE, 0)
    assert not Reservation.objects.filter(budget=budget, settled_at=None).exists()
    return max(0, budget.spent_micros + budget.overrun_micros - budget.cap_micros)
