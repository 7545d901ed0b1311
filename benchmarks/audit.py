"""The trail: how fast it is written, what it costs the product, sealed and verified, and what it finds (G31, G33)."""

import time
from dataclasses import dataclass, field
from typing import cast

from django.conf import settings

from agents.base.actors import SYSTEM
from agents.base.ids import uuid7
from agents.fleet.models import Agent
from agents.runs import transitions
from agents.runs.actions import start_run
from agents.runs.execution.drive import drive
from agents.runs.verbs import RUN_QUEUED
from audit.actions import record
from audit.models import AuditEvent, Seal
from audit.sealing import seal
from audit.verification import verify
from benchmarks import floors
from benchmarks.crew import Crew, crew, done
from benchmarks.fleet import make_agents, make_team
from benchmarks.stand import Stand
from benchmarks.suites import tally
from benchmarks.table import Row, against, at_least, at_most, spread

TAMPERINGS = "tests/audit/test_tampering.py"
FOUND = "test_tampering_is_found_and_the_first_bad_sequence_named"


@dataclass(frozen=True)
class Runs:
    """One process's share of runs, with their trail or without."""

    agent: Agent
    count: int
    audited: bool


@dataclass
class Series:
    """A value a repeat."""

    floor: list[float] = field(default_factory=list)
    written: list[float] = field(default_factory=list)
    lag: list[float] = field(default_factory=list)
    silent: list[float] = field(default_factory=list)
    audited: list[float] = field(default_factory=list)
    sealed: list[float] = field(default_factory=list)
    verified: list[float] = field(default_factory=list)


class Bench:
    """How much is written, and what was seen."""

    def __init__(self, stand: Stand, *, quick: bool) -> None:
        self.stand, self.seen = stand, Series()
        self.writers, self.events, self.runs = (2, 25, 2) if quick else (4, 5_000, 25)
        self.agents = make_agents(make_team(), self.writers, steps=10)
        self.said = 0

    def repeat(self, writers: Crew) -> None:
        """Floor and ours in turns."""
        self.seen.floor.append(floors.commits_per_second(self.stand.home, self.writers, 1))
        self._write(writers)
        self.seen.silent.append(self._carry(writers, audited=False))
        self.seen.audited.append(self._carry(writers, audited=True))
        self._seal(writers)
        self._verify()

    def _write(self, writers: Crew) -> None:
        """All writers at once while the sealer never rests, which is more than the scheduler asks of it."""
        slowest, under_way = 0.0, writers.start(say, [self.events] * self.writers)
        while not all(future.done() for future in under_way):
            slowest = max(slowest, _sealed()[0])
            time.sleep(0.2)
        self.seen.written.append(self.writers * self.events / done(under_way).seconds)
        self.seen.lag.append(_period() + slowest)
        self.said += self.writers * self.events

    def _carry(self, writers: Crew, *, audited: bool) -> float:
        """Runs a second, queued and carried out, all in the writers."""
        shares = [Runs(agent, self.runs, audited) for agent in self.agents]
        return self.writers * self.runs / writers.work(carry, shares).seconds

    def _seal(self, writers: Crew) -> None:
        seal()
        writers.work(say, [self.events] * self.writers)
        self.said += self.writers * self.events
        seconds, events = _sealed()
        assert events == self.writers * self.events
        self.seen.sealed.append(seconds / events * 1_000_000)

    def _verify(self) -> None:
        begun = time.perf_counter()
        report = verify()
        seconds = time.perf_counter() - begun
        assert (report.findings, report.unsealed) == ([], 0)
        assert report.events == AuditEvent.objects.count() >= self.said
        self.seen.verified.append(report.events / seconds)

    def rows(self) -> list[Row]:
        seen = self.seen
        written, floor = spread(seen.written, "events/s"), spread(seen.floor, "commits/s")
        audited, silent = spread(seen.audited, "runs/s"), spread(seen.silent, "runs/s")
        return [
            at_least(f"trail, {self.writers} writers, sealer running", written, 1500, floor, "one row each, pgbench"),
            against("10-step runs with their trail", audited, silent, "the same without events", least=0.8),
            at_most("an event waits for its seal at most", spread(seen.lag, "s"), 10),
            at_most("sealing one event", spread(seen.sealed, "µs"), 5),
            at_least("verifying", spread(seen.verified, "events/s"), 50_000),
        ]


def run(stand: Stand, *, quick: bool) -> list[Row]:
    """The trail must verify after every repeat, with all that was said and nothing unsealed."""
    settings.AUDIT_HEAD_FILE = str(stand.home / "heads.jsonl")
    bench = Bench(stand, quick=quick)
    with crew(stand, bench.writers) as writers:
        for _ in range(1 if quick else 5):
            bench.repeat(writers)
    return bench.rows() if quick else [*bench.rows(), _tamperings(stand)]


def say(events: int) -> None:
    """Each event in a transaction of its own."""
    team = uuid7()
    for number in range(events):
        record(RUN_QUEUED, actor=SYSTEM, team_id=team, number=number)


def carry(share: Runs) -> None:
    """Queue and carry out the runs of the share."""
    setattr(transitions, "record", record if share.audited else _nothing)  # noqa: B010  # the floor has no trail
    for _ in range(share.count):
        drive(start_run(share.agent, actor=None, input={}).pk)


def _nothing(*about: object, **data: object) -> None:
    """What the floor writes to the trail."""


def _period() -> float:
    """Seconds between two seals, as scheduled."""
    return cast(float, settings.CELERY_BEAT_SCHEDULE["seal"]["schedule"])


def _sealed() -> tuple[float, int]:
    """Seconds and events of one seal."""
    begun = time.perf_counter()
    made: Seal | None = seal()
    return time.perf_counter() - begun, made.events if made else 0


def _tamperings(stand: Stand) -> Row:
    found = tally(stand, TAMPERINGS, "-k", FOUND)
    goal = "7 of 7"
    said = f"{found.passed} of {len(found.cases)} found, the first bad event named"
    return Row("tamperings", said, goal=goal, met=(found.passed, len(found.cases)) == (7, 7))
