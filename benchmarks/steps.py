"""Durable steps: what one costs, dispatch included, and how many a second 100 runs at once make.

The clock of a run starts before it is queued and stops when its row says done, asked every millisecond; the worker is
that of `make up` for the queue `bulk` (prefork, two processes). The floor is one row inserted and committed.
"""

import time
import uuid
from collections.abc import Iterable, Sequence
from contextlib import closing
from itertools import cycle, islice

import psycopg
from django.db.models import Count

from agents.fleet.models import Agent
from agents.runs.actions import start_run
from agents.runs.enums import RunState
from agents.runs.models import Run, Step
from benchmarks import floors
from benchmarks.fleet import make_agents, make_team
from benchmarks.stand import Stand
from benchmarks.table import Row, against, at_least, spread

STEPS, LONG = 10, 40
PROCESSES = 2
DONE = "SELECT count(*) FROM runs_run WHERE id = ANY(%s) AND state = 'done'"
DEADLINE = 60.0


class Bench:
    """The series of one bench run, a value a repeat."""

    def __init__(self, stand: Stand, *, quick: bool) -> None:
        self.stand = stand
        self.runs, self.concurrent, self.commits = (2, 4, 20) if quick else (20, 100, 400)
        team = make_team()
        self.short = make_agents(team, 20, steps=STEPS)
        self.long = make_agents(team, 1, steps=LONG)
        self.commit: list[float] = []
        self.prepared: list[float] = []
        self.step: list[float] = []
        self.marginal: list[float] = []
        self.pace: list[float] = []
        self.ceiling: list[float] = []

    def repeat(self, connection: psycopg.Connection) -> None:
        """Floor, ours, floor, ours."""
        self.commit.append(floors.commit_ms(connection, self.commits))
        short = self._one_by_one(connection, self.short[:1])
        self.step.append(short / STEPS)
        self.prepared.append(1000 / floors.commits_per_second(self.stand.home, 1, 1))
        self.marginal.append((self._one_by_one(connection, self.long) - short) / (LONG - STEPS))
        self.pace.append(self._at_once(connection))
        self.ceiling.append(floors.commits_per_second(self.stand.home, PROCESSES, 1))

    def _one_by_one(self, connection: psycopg.Connection, agents: list[Agent]) -> float:
        """Milliseconds of a run, the median of several."""
        taken = sorted(_timed(connection, [agent]) for agent in islice(cycle(agents), self.runs))
        return taken[len(taken) // 2] * 1000

    def _at_once(self, connection: psycopg.Connection) -> float:
        """Steps a second while all runs are queued as fast as one caller can."""
        agents = list(islice(cycle(self.short), self.concurrent))
        return self.concurrent * STEPS / _timed(connection, agents)

    def rows(self) -> list[Row]:
        commit, prepared = spread(self.commit, "ms"), spread(self.prepared, "ms")
        step, name = spread(self.step, "ms a step"), "INSERT + commit, one client"
        pace, ceiling = spread(self.pace, "steps/s"), spread(self.ceiling, "commits/s")
        return [
            against("10-step run, dispatch included", step, commit, f"{name}, psycopg", most=3),
            against("the same", step, prepared, f"{name}, pgbench"),
            against("one more step of a run", spread(self.marginal, "ms"), commit, name),
            at_least(f"{self.concurrent} runs at once", pace, 2000, ceiling, f"pgbench, {PROCESSES} clients"),
        ]


def run(stand: Stand, *, quick: bool) -> list[Row]:
    """Every run must have ended with each of its steps written once."""
    bench = Bench(stand, quick=quick)
    with stand.worker("bulk", PROCESSES), closing(floors.connect()) as connection:
        for _ in range(3):
            _timed(connection, bench.short)
        for _ in range(1 if quick else 5):
            bench.repeat(connection)
    _insist([*bench.short, *bench.long])
    return bench.rows()


def _timed(connection: psycopg.Connection, agents: Sequence[Agent]) -> float:
    """Seconds from before the first run is queued until all are done."""
    begun = time.perf_counter()
    ids = [start_run(agent, actor=None, input={}).pk for agent in agents]
    pause = 0.001 if len(ids) == 1 else 0.005
    while _done(connection, ids) < len(ids):
        if time.perf_counter() > begun + DEADLINE:
            raise TimeoutError(f"Not all of {len(ids)} runs ended within {DEADLINE:.0f} s.")
        time.sleep(pause)
    return time.perf_counter() - begun


def _done(connection: psycopg.Connection, ids: list[uuid.UUID]) -> int:
    row = connection.execute(DONE, (ids,)).fetchone()
    assert row
    return int(row[0])


def _insist(agents: Iterable[Agent]) -> None:
    for run in Run.objects.filter(agent__in=agents).select_related("flow_version").annotate(rows=Count("steps")):
        assert run.flow_version
        wanted = run.flow_version.settings["steps"]
        assert (run.state, run.steps_done, run.rows, run.fence) == (RunState.DONE, wanted, wanted, 1), run.pk
        assert run.result == {"n": 1}
    assert not Step.objects.filter(run__agent__in=agents).exclude(state="confirmed").exists()
