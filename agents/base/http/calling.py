"""Calls from code that waits for their answer; many threads that call at once may share one session."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import partial
from math import inf
from queue import Empty, SimpleQueue
from typing import Any, TypeAlias

import aiohttp
from django.utils.translation import gettext as _

from agents.base.http.errors import OutboundError
from agents.base.http.vendor import CAP, DEADLINE, Reply, fetch, session
from agents.base.phrases import phrase

Calling: TypeAlias = Callable[[], Coroutine[Any, Any, Reply]]
NOT_BEGUN = phrase("Its turn did not come in time.")


class _Way:
    """At most `limit` calls at once; the others wait for their turn, which is when their deadline begins."""

    def __init__(self, loop: asyncio.AbstractEventLoop, session: aiohttp.ClientSession, limit: int) -> None:
        self.loop, self.session = loop, session
        self._room = asyncio.Semaphore(limit)
        self._asked: SimpleQueue[tuple[Calling, float, Future[Reply]]] = SimpleQueue()
        self._woken = False

    def soon(self, calling: Calling, until: float) -> Future[Reply]:
        """Many that are asked in a row wake the loop once: each waking is a system call and a change of thread."""
        future: Future[Reply] = Future()
        self._asked.put((calling, until, future))
        if not self._woken:
            self._woken = True
            self.loop.call_soon_threadsafe(self._begin)
        return future

    def _begin(self) -> None:
        self._woken = False
        with suppress(Empty):
            while True:
                self.loop.create_task(self._answer(*self._asked.get_nowait()))

    async def _answer(self, calling: Calling, until: float, future: Future[Reply]) -> None:
        try:
            async with self._room:
                if time.monotonic() > until:
                    raise OutboundError("not_begun", _(NOT_BEGUN))
                reply = await calling()
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(reply)


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
        return soon(method, url, until=inf, **asked).result()
    return asyncio.run(_alone(method, url, asked))


def soon(method: str, url: str, *, until: float, **asked: Any) -> Future[Reply]:
    """`fetch`, on its way; within `shared` only. A thread for each of many short calls costs more than the calls.

    What has not begun `until` then (`time.monotonic`) is not sent: its future raises `OutboundError` ("not_begun").
    """
    way = _way.get()
    assert way is not None, "Only within `shared`."
    return way.soon(partial(fetch, way.session, method, url, **asked), until)


@contextmanager
def shared(limit: int) -> Iterator[None]:
    """Within it, and in threads that run in a copy of its context, calls go through one session of `limit` connections:
    opening a session and its loop for each call costs more than a short call.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="calls", daemon=True)
    thread.start()
    opened = _do(loop, _open(limit))
    token = _way.set(_Way(loop, opened, limit))
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
