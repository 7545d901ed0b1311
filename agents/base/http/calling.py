"""Calls from code that waits for their answer; many threads that call at once may share one session."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import aiohttp

from agents.base.http.vendor import CAP, DEADLINE, Reply, fetch, session


@dataclass(frozen=True)
class _Way:
    loop: asyncio.AbstractEventLoop
    session: aiohttp.ClientSession


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
    if way := _way.get():
        return asyncio.run_coroutine_threadsafe(fetch(way.session, method, url, **asked), way.loop).result()
    return asyncio.run(_alone(method, url, asked))


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
