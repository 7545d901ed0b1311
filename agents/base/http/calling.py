"""Calls from code that waits for their answer; many threads that call at once may share one session."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from queue import Empty, SimpleQueue
from typing import Any

import aiohttp

from agents.base.http.vendor import CAP, DEADLINE, Reply, fetch, session


class _Way:
    def __init__(self, loop: asyncio.AbstractEventLoop, session: aiohttp.ClientSession) -> None:
        self.loop, self.session = loop, session
        self._asked: SimpleQueue[tuple[Coroutine[Any, Any, Reply], Future[Reply]]] = SimpleQueue()
        self._woken = False

    def soon(self, calling: Coroutine[Any, Any, Reply]) -> Future[Reply]:
        """Many that are asked in a row wake the loop once: each waking is a system call and a change of thread."""
        future: Future[Reply] = Future()
        self._asked.put((calling, future))
        if not self._woken:
            self._woken = True
            self.loop.call_soon_threadsafe(self._begin)
        return future

    def _begin(self) -> None:
        self._woken = False
        with suppress(Empty):
            while True:
                calling, future = self._asked.get_nowait()
                self.loop.create_task(_answer(calling, future))


async def _answer(calling: Coroutine[Any, Any, Reply], future: Future[Reply]) -> None:
    try:
        future.set_result(await calling)
    except BaseException as error:
        future.set_exception(error)


_way: ContextVar[_Way | None] = ContextVar("way", default=None)


def call(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    deadline: float = DEADLINE,
    cap: int = CAP,
) -> Reply:
    """`fetch`, waited for: through the session of `shared` where there is one, else through one of its own."""
    asked: dict[str, Any] = {"headers": headers, "body": body, "deadline": deadline, "cap": cap}
    if _way.get():
        return soon(method, url, **asked).result()
    return asyncio.run(_alone(method, url, asked))


def soon(method: str, url: str, **asked: Any) -> Future[Reply]:
    """`fetch`, on its way; within `shared` only. A thread for each of many short calls costs more than the calls."""
    way = _way.get()
    assert way is not None, "Only within `shared`."
    return way.soon(fetch(way.session, method, url, **asked))


@contextmanager
def shared(limit: int) -> Iterator[None]:
    """Within it, and in threads that run in a copy of its context, calls go through one session of `limit` connections:
    opening a session and its loop for each call costs more than a short call.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="calls", daemon=True)
    thread.start()
    opened = _do(loop, _open(limit))
    token = _way.set(_Way(loop, opened))
    try:
        yield
    finally:
        _way.reset(token)
        _do(loop, opened.close())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _alone(method: str, url: str, asked: dict[str, Any]) -> Reply:
    async with session(limit=1) as own:
        return await fetch(own, method, url, **asked)


async def _open(limit: int) -> aiohttp.ClientSession:
    return session(limit)


def _do(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run_coroutine_threadsafe(work, loop).result()
