"""Processes of ours that work at the same time, each with its own connection."""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from threading import BrokenBarrierError
from typing import Any, TypeVar

import django

from benchmarks.stand import Stand

Share = TypeVar("Share")
START_SECONDS = 60.0
_gate: Any = None


@dataclass(frozen=True)
class Shift:
    """What each process returned, and the seconds from the first start to the last end."""

    results: list[Any]
    seconds: float


class Crew:
    """A pool where each process takes exactly one share of a shift, and all start together."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self.pool = pool

    def start(self, job: Callable[[Share], Any], shares: list[Share]) -> list[Future[tuple[Any, float, float]]]:
        """`shares`, as many as there are processes, under way. Job and shares must be importable and picklable."""
        return [self.pool.submit(_work, job, share) for share in shares]

    def work(self, job: Callable[[Share], Any], shares: list[Share]) -> Shift:
        """`job` of each share, done."""
        return done(self.start(job, shares))


def done(under_way: list[Future[tuple[Any, float, float]]]) -> Shift:
    """Wait for all; raise what one of them raised."""
    ended = [future.result() for future in under_way]
    return Shift(
        [result for result, _, _ in ended], max(end for *_, end in ended) - min(begun for _, begun, _ in ended)
    )


def crew(stand: Stand, count: int) -> AbstractContextManager[Crew]:
    """`count` spawned processes: a forked one would share our connection."""
    return stand.kept(f"crew of {count}", lambda: _crew(count))


@contextmanager
def _crew(count: int) -> Iterator[Crew]:
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(count)
    with ProcessPoolExecutor(count, mp_context=context, initializer=_prepare, initargs=(gate,)) as pool:
        yield Crew(pool)


def _prepare(gate: Any) -> None:
    global _gate
    _gate = gate
    django.setup()


def _work(job: Callable[[Any], Any], share: Any) -> tuple[Any, float, float]:
    try:
        _gate.wait(START_SECONDS)
    except BrokenBarrierError:
        raise TimeoutError("Another process of the crew did not start.") from None
    begun = time.perf_counter()
    return job(share), begun, time.perf_counter()
