"""The least a durable run costs on Celery: one task a run, a row inserted and committed a step, and nothing else.

    python -m celery -A benchmarks.bare_steps worker

No claim, lease, fence, signal, graph or trail. Whatever does more than this on Celery costs more.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from statistics import median
from typing import Any
from uuid import UUID, uuid4

import psycopg
from celery import Celery

from benchmarks.floors import commit_ms, connect
from benchmarks.stand import Stand

NAME = "Celery alone, one task a run"
TABLES = """
CREATE TABLE IF NOT EXISTS bare_run (id uuid PRIMARY KEY, done boolean NOT NULL DEFAULT false);
CREATE TABLE IF NOT EXISTS bare_step (run uuid, i int, out jsonb, PRIMARY KEY (run, i))
"""
STEP = "INSERT INTO bare_step (run, i, out) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
DONE = """
SELECT count(*), extract(epoch FROM max(pg_xact_commit_timestamp(xmin)))::float8 FROM bare_run
WHERE done AND id = ANY(%s)
"""
DEADLINE, COMMITS = 60.0, 100

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
        with connect() as connection:
            commit_s = commit_ms(connection, COMMITS) / 1000
        self.step.append((median(_timed(1, steps) for _ in range(runs)) + commit_s) * 1000 / steps)
        self.pace.append(at_once * steps / (_timed(at_once, steps) + commit_s))


@contextmanager
def bare(stand: Stand, processes: int) -> Iterator[Bare]:
    """With its worker, warm."""
    _database().execute(TABLES)
    options = ("worker", "-c", str(processes), "--without-gossip", "--without-mingle", "-l", "INFO")
    with stand.running((sys.executable, "-m", "celery", "-A", "benchmarks.bare_steps", *options), " ready."):
        Bare().repeat(3, 20, 10)
        yield Bare()


def _timed(count: int, steps: int) -> float:
    """Seconds from the commit that queues the runs until that of the last that is done."""
    runs = [uuid4() for _ in range(count)]
    with _database().transaction():
        for run in runs:
            _database().execute("INSERT INTO bare_run (id) VALUES (%s)", (run,))
        begun = time.time()
    for run in runs:
        walk.delay(str(run), steps)
    return ended(_database(), DONE, runs) - begun


def ended(connection: psycopg.Connection[Any], done: str, runs: list[UUID]) -> float:
    """When the last of the runs was done, in seconds of the epoch, by the stamp that PostgreSQL gave its commit.

    Who asks while they run takes from them one of two processors; so it is asked seldom, and the stamp believed. It is
    of the moment before the log is flushed: a commit of the floor is to be added. Raises TimeoutError after DEADLINE.
    """
    until = time.monotonic() + DEADLINE
    while time.monotonic() < until:
        time.sleep(0.002 if len(runs) == 1 else 0.1)
        count, at = connection.execute(done, (runs,), prepare=True).fetchone() or (0, 0.0)
        if count == len(runs):
            return float(at)
    raise TimeoutError(f"Not all of {len(runs)} runs ended within {DEADLINE:.0f} s.")
