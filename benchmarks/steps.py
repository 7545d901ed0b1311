"""Durable steps: what one costs, dispatch included, and how many a second 100 runs at once make.

The clock starts when the queued row is about to be committed: it takes in that commit, the message through the broker,
claim, walk and finish, until the commit by which the row says done. "From start_run" it starts before the row is made.
PostgreSQL stamps that commit: whoever asks all the time takes one of two processors from what is measured.
Of runs one after another, the worker stands by for the next (`agents.runs.standby`); "after a pause" it does not.
Each step is a transaction of its own; that of a free step without effect is waited for while the next are made
(LangGraph calls this durability "async"; it and DBOS are measured here waiting for each). The worker is that of
`make up` for the queue `bulk` (prefork, two processes). The floor is one row inserted and committed. The peers
(`benchmarks/peers`) run the same ten steps within their own process, so nothing is dispatched.
Celery alone (`benchmarks.bare_steps`) is dispatched as we are, and keeps none of our promises.
A step with an effect is announced before and settled after; that of a model also reserves its price and books it.
"""

import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import cycle, islice
from statistics import median

import psycopg
from django.db import transaction
from django.db.models import Count

from agents.engine import Effect
from agents.fleet.models import Agent
from agents.runs.actions import start_run
from agents.runs.enums import RunState
from agents.runs.models import Run, Step
from agents.runs.standby import STAND_BY_S
from benchmarks import floors
from benchmarks.bare_steps import Bare, bare, ended
from benchmarks.fleet import make_agents, make_team
from benchmarks.peers import NAMES as PEERS
from benchmarks.peers import NoPeers, Peer, peers
from benchmarks.stand import Stand
from benchmarks.table import Row, against, at_least, spread

STEPS, LONG = 10, 40
PROCESSES = 2
SHARES = {PEERS["langgraph"]: 0.45, PEERS["dbos"]: 0.24}
"""2.5 commits a step, as shares of what the peers took where that goal was set (5.5 and 10.3 commits): they compute and
commit as we do, a commit alone tells a slow processor from a fast disk."""
DONE = """
SELECT count(*), extract(epoch FROM max(pg_xact_commit_timestamp(xmin)))::float8 FROM runs_run
WHERE state = 'done' AND id = ANY(%s)
"""


@dataclass(frozen=True)
class Taken:
    """Seconds until all runs were done: from the commit that queued them, and from before they were made."""

    dispatched: float
    asked: float


@dataclass
class Series:
    """A value a repeat."""

    commit: list[float] = field(default_factory=list)
    prepared: list[float] = field(default_factory=list)
    step: list[float] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)
    rested: list[float] = field(default_factory=list)
    marginal: list[float] = field(default_factory=list)
    pace: list[float] = field(default_factory=list)
    pace_asked: list[float] = field(default_factory=list)
    write: list[float] = field(default_factory=list)
    model: list[float] = field(default_factory=list)
    ceiling: list[float] = field(default_factory=list)


class Bench:
    """One bench run: who runs what how often, and what was seen."""

    def __init__(self, stand: Stand, peers: Sequence[Peer | Bare], *, quick: bool) -> None:
        self.stand, self.peers, self.seen = stand, peers, Series()
        self.repeats, self.runs, self.concurrent, self.commits = (1, 2, 4, 20) if quick else (5, 20, 100, 400)
        team = make_team()
        self.short = make_agents(team, 20, steps=STEPS)
        self.long = make_agents(team, 1, steps=LONG)
        self.write = make_agents(team, 1, steps=STEPS, effect=Effect.WRITE)
        self.model = make_agents(team, 1, steps=STEPS, effect=Effect.MODEL)

    def warm_up(self, connection: psycopg.Connection) -> None:
        self.seen.commit.append(floors.commit_ms(connection, self.commits))
        for _ in range(3):
            self.timed(connection, self.short)
        self.seen.commit.clear()

    def repeat(self, connection: psycopg.Connection) -> None:
        """Floor and ours in turns."""
        seen = self.seen
        seen.commit.append(floors.commit_ms(connection, self.commits))
        short = self._one_by_one(connection, self.short[0])
        seen.step.append(short.dispatched * 1000 / STEPS)
        seen.asked.append(short.asked * 1000 / STEPS)
        rested = self._one_by_one(connection, self.short[0], pause=2 * STAND_BY_S)
        seen.rested.append(rested.dispatched * 1000 / STEPS)
        seen.prepared.append(1000 / floors.commits_per_second(self.stand.home, 1, 1))
        longer = self._one_by_one(connection, self.long[0])
        seen.marginal.append((longer.dispatched - short.dispatched) * 1000 / (LONG - STEPS))
        together = self.timed(connection, list(islice(cycle(self.short), self.concurrent)))
        seen.pace.append(self.concurrent * STEPS / together.dispatched)
        seen.pace_asked.append(self.concurrent * STEPS / together.asked)
        seen.ceiling.append(floors.commits_per_second(self.stand.home, PROCESSES, 1))
        for series, agents in ((seen.write, self.write), (seen.model, self.model)):
            series.append(self._one_by_one(connection, agents[0]).dispatched * 1000 / STEPS)
        for peer in self.peers:
            peer.repeat(self.runs, self.concurrent, STEPS)

    def _one_by_one(self, connection: psycopg.Connection, agent: Agent, pause: float = 0.0) -> Taken:
        """The median of several runs, one after another, `pause` seconds in between."""
        taken = []
        for _ in range(self.runs):
            time.sleep(pause)
            taken.append(self.timed(connection, [agent]))
        return Taken(median(one.dispatched for one in taken), median(one.asked for one in taken))

    def timed(self, connection: psycopg.Connection, agents: Sequence[Agent]) -> Taken:
        """One run of each agent, all queued by one commit."""
        asked = time.time()
        with transaction.atomic():
            ids = [start_run(agent, actor=None, input={}).pk for agent in agents]
            begun = time.time()
        done = ended(connection, DONE, ids) + self.seen.commit[-1] / 1000
        return Taken(done - begun, done - asked)

    def rows(self) -> list[Row]:
        seen, name, many = self.seen, "INSERT + commit, one client", f"{self.concurrent} runs at once"
        commit, prepared = spread(seen.commit, "ms"), spread(seen.prepared, "ms")
        step, pace = spread(seen.step, "ms a step"), spread(seen.pace, "steps/s")
        ceiling = spread(seen.ceiling, "commits/s")
        return [
            against("10-step run, dispatch included", step, commit, f"{name}, psycopg", most=3),
            against("the same", step, prepared, f"{name}, pgbench"),
            against("the same, from start_run", spread(seen.asked, "ms a step"), commit, f"{name}, psycopg"),
            against("the same, after a pause", spread(seen.rested, "ms a step"), commit, f"{name}, psycopg"),
            against("one more step of a run", spread(seen.marginal, "ms"), commit, f"{name}, psycopg"),
            against("10-step run of effects", spread(seen.write, "ms a step"), commit, f"{name}, psycopg"),
            against("10-step run of model calls", spread(seen.model, "ms a step"), commit, f"{name}, psycopg"),
            at_least(f"{many}, dispatch included", pace, 2000, ceiling, f"INSERT + commit, {PROCESSES} clients"),
            Row("the same, from start_run", spread(seen.pace_asked, "steps/s")),
            *(row for peer in self.peers for row in self._beside(peer, many)),
        ]

    def _beside(self, peer: Peer | Bare, many: str) -> list[Row]:
        step, pace = spread(self.seen.step, "ms a step"), spread(self.seen.pace, "steps/s")
        least = 3 if peer.name == PEERS["langgraph"] else None
        return [
            against("10-step run", step, spread(peer.step, "ms a step"), peer.name, most=SHARES.get(peer.name)),
            against(many, pace, spread(peer.pace, "steps/s"), peer.name, least=least),
        ]


def run(stand: Stand, *, quick: bool) -> list[Row]:
    """Every run must have ended with each of its steps written once."""
    if quick:
        return _measured(Bench(stand, (), quick=True))
    with bare(stand, PROCESSES) as alone:
        try:
            with peers(stand) as started:
                return _measured(Bench(stand, (alone, *started), quick=False))
        except NoPeers as missing:
            return [*_measured(Bench(stand, (alone,), quick=False)), Row("peers", f"not measured: {missing}")]


def _measured(bench: Bench) -> list[Row]:
    with bench.stand.worker("bulk", PROCESSES), closing(floors.connect()) as connection:
        bench.warm_up(connection)
        for _ in range(bench.repeats):
            bench.repeat(connection)
    _insist([*bench.short, *bench.long, *bench.write, *bench.model])
    return bench.rows()


def _insist(agents: Iterable[Agent]) -> None:
    for run in Run.objects.filter(agent__in=agents).select_related("flow_version").annotate(rows=Count("steps")):
        assert run.flow_version
        wanted = run.flow_version.settings["steps"]
        assert (run.state, run.steps_done, run.rows, run.fence) == (RunState.DONE, wanted, wanted, 1), run.pk
        assert run.result == {"n": 1}
    assert not Step.objects.filter(run__agent__in=agents).exclude(state="confirmed").exists()
