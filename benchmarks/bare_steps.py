"""The least a durable run costs on Celery: one task a run, a row inserted and committed a step, and nothing else.

    python -m celery -A benchmarks.bare_steps worker

No claim, lease, fence, signal, graph or trail. Whatever does more than this on Celery costs more.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from statistics import median
from typing import Any
from uuid import UUID, uuid4

import psycopg
from celery import Celery

from benchmarks.stand import Stand

NAME = "Celery alone, one task a run"
TABLES = """
CREATE TABLE IF NOT EXISTS bare_run (id uuid PRIMARY KEY, done boolean NOT NULL DEFAULT false);
CREATE TABLE IF NOT EXISTS bare_step (run uuid, i int, out jsonb, PRIMARY KEY (run, i))
"""
STEP = "INSERT INTO bare_step (run, i, out) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
DEADLINE = 60.0
UNASKED = 0.6
"""Of the shortest such run so far: none is over by then."""

app = Celery("bare-steps", broker=os.environ.get("REDIS_URL"), fixups=[], set_as_current=False)
app.conf.update(task_ignore_result=True, task_default_queue="bare", task_publish_retry=False)


@cache
def _database() -> psycopg.Connection[Any]:
    return psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True)


@app.task  # type: ignore[untyped-decorator]
def walk(run: str, steps: int) -> None:
    for number in range(steps):
        _database().execute(STEP, (run, number, '{"n": 1}'), prepare=True)
    _database().execute("UPDATE bare_run SET done = true WHERE id = %s", (run,), prepare=True)


class Bare:
    """A peer like those of `benchmarks.peers`, whose worker is ours to start. Its clock is that of our own runs."""

    name = NAME

    def __init__(self) -> None:
        self.step: list[float] = []
        self.pace: list[float] = []

    def repeat(self, runs: int, at_once: int, steps: int) -> None:
        """Milliseconds a step of runs one after another, and steps a second of many: one value more of each."""
        taken = [_timed(1, steps)]
        while len(taken) < runs:
            taken.append(_timed(1, steps, unasked=UNASKED * min(taken)))
        self.step.append(median(taken) * 1000 / steps)
        self.pace.append(at_once * steps / _timed(at_once, steps))


@contextmanager
def bare(stand: Stand, processes: int) -> Iterator[Bare]:
    """With its worker, warm."""
    _database().execute(TABLES)
    options = ("worker", "-c", str(processes), "--without-gossip", "--without-mingle", "-l", "INFO")
    with stand.running((sys.executable, "-m", "celery", "-A", "benchmarks.bare_steps", *options), " ready."):
        Bare().repeat(3, 20, 10)
        yield Bare()


def _timed(count: int, steps: int, unasked: float = 0.0) -> float:
    """Seconds from the commit that queues the runs until all are done."""
    runs = [uuid4() for _ in range(count)]
    with _database().transaction():
        for run in runs:
            _database().execute("INSERT INTO bare_run (id) VALUES (%s)", (run,))
        begun = time.perf_counter()
    for run in runs:
        walk.delay(str(run), steps)
    wait_for(count, lambda: _done(runs), unasked)
    return time.perf_counter() - begun


def wait_for(count: int, done: Callable[[], int], unasked: float) -> None:
    """Until all are done; nobody asks within the first `unasked` seconds. Raises TimeoutError after DEADLINE."""
    until = time.perf_counter() + DEADLINE
    time.sleep(unasked)
    while done() < count:
        if time.perf_counter() > until:
            raise TimeoutError(f"Not all of {count} runs ended within {DEADLINE:.0f} s.")
        time.sleep(0.0002 if count == 1 else 0.02)


def _done(runs: list[UUID]) -> int:
    row = _database().execute("SELECT count(*) FROM bare_run WHERE done AND id = ANY(%s)", (runs,)).fetchone()
    return int(row[0]) if row else 0
