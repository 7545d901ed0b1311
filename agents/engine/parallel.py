"""Branches at once: calls run in threads, every journal write stays with the driver's thread."""

from __future__ import annotations

import queue
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, TypeVar

from agents.engine.journal import Journal, Signal, StepRecord
from agents.engine.outcome import Interrupted, Stopped
from agents.engine.questions import UNKNOWN

MAX_AT_ONCE = 8

T = TypeVar("T")
Job = Callable[[Journal], T]


def fan_out(journal: Journal, jobs: Sequence[Job[T]]) -> list[T]:
    """The jobs' results in their order. Every job is brought to an end before anything is raised.

    The death of the process is raised first, then the question what became of an effect, then an unexpected error,
    then a stop, then a wait for a person; the rest is replayed at the resume.
    """
    relay = Relay(journal)
    with ThreadPoolExecutor(max_workers=min(len(jobs), MAX_AT_ONCE)) as pool:
        futures = [pool.submit(copy_context().run, job, relay) for job in jobs]
        stopped = relay.serve(futures)
    errors = [error for future in futures if (error := future.exception()) is not None]
    if stopped is not None:
        errors.insert(0, stopped)
    if errors:
        raise min(errors, key=_urgency)
    return [future.result() for future in futures]


def _urgency(error: BaseException) -> int:
    if not isinstance(error, Exception):
        return 0
    if not isinstance(error, Interrupted):
        return 2
    if isinstance(error.outcome, Stopped):
        return 3
    return 1 if error.outcome.question.reason == UNKNOWN else 4


class Relay:
    """A journal for branches: hands each request to the driver's thread and waits for what it says."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._stopped: BaseException | None = None
        self._requests: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = queue.SimpleQueue()

    def recorded(self, key: str) -> StepRecord | None:
        return self._ask(lambda: self._journal.recorded(key))

    def commit(self, record: StepRecord) -> None:
        self._ask(lambda: self._journal.commit(record))

    def intend(self, record: StepRecord) -> None:
        self._ask(lambda: self._journal.intend(record))

    def settle(self, record: StepRecord) -> None:
        self._ask(lambda: self._journal.settle(record))

    def signal(self, announce: bool = False) -> Signal | None:
        return self._ask(lambda: self._listen(announce))

    def serve(self, futures: Sequence[Future[Any]]) -> BaseException | None:
        """Answer requests, in the calling thread, until every future is done; returns what told it to stop.

        Once it is to stop, no branch may begin another call, but what became of a call that is out is still written.
        """
        for future in futures:
            future.add_done_callback(lambda done: self._requests.put(None))
        left = len(futures)
        while left:
            try:
                request = self._requests.get()
                if request is None:
                    left -= 1
                else:
                    _answer(*request)
            except BaseException as error:  # the worker is told to stop: answer the branches, or they wait for ever
                self._stopped = error
        return self._stopped

    def _listen(self, announce: bool) -> Signal | None:
        if self._stopped is not None:
            raise self._stopped
        return self._journal.signal(announce)

    def _ask(self, what: Callable[[], T]) -> T:
        reply: Future[T] = Future()
        self._requests.put((what, reply))
        return reply.result()


def _answer(what: Callable[[], Any], reply: Future[Any]) -> None:
    try:
        result = what()
    except BaseException as error:  # a lost lease, for one: the branch must hear it, not hang
        reply.set_exception(error)
    else:
        reply.set_result(result)
