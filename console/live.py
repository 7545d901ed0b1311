"""The live stream: names, never HTML. Each region then re-reads itself through the ordinary view (recipes: web §1)."""

import asyncio
import json
import logging
import os
import signal
import threading
import time
from collections.abc import AsyncIterator
from functools import cached_property
from queue import SimpleQueue
from types import FrameType
from typing import Any

import redis
import redis.asyncio
import redis.exceptions
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)
CHANNEL = "live"
LAST = "live:last"
"""In Redis: when each name last changed, in milliseconds. A page is told what it missed until it could listen."""
PATIENCE_S = 10.0
"""After a failed publication Redis is left alone this long."""
GATHER_S = 0.1
"""What changes within this time is told together."""
stopping: asyncio.Event | None = None


def startup() -> None:
    """End every stream at once on SIGTERM or SIGINT; uvicorn's own shutdown would wait for them."""
    global stopping
    stopping = asyncio.Event()
    loop, event = asyncio.get_running_loop(), stopping
    for sig in (signal.SIGTERM, signal.SIGINT):
        previous = signal.getsignal(sig)

        def handler(number: int, frame: FrameType | None, previous: Any = previous) -> None:
            loop.call_soon_threadsafe(event.set)
            if callable(previous):
                previous(number, frame)

        signal.signal(sig, handler)


def nudge(name: str) -> None:
    """Tell open pages that `name` changed ("runs", "fleet"…). Best effort: pages also poll."""
    line.publish(name)


class _Line:
    """Publishes from a thread of its own: no commit waits for Redis, and what changes often is said once a while.

    Without retries; a mute Redis is left alone for a time.
    """

    def __init__(self) -> None:
        self.names: SimpleQueue[tuple[str, int]] = SimpleQueue()
        self.silent_until = 0.0
        self.process = 0

    @cached_property
    def client(self) -> redis.Redis:
        once = Retry(NoBackoff(), 0)
        return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.7, socket_connect_timeout=0.7, retry=once)

    def publish(self, name: str) -> None:
        if self.process != os.getpid():  # a thread does not outlive a fork
            self.process = os.getpid()
            threading.Thread(target=self._relay, name="nudges", daemon=True).start()
        self.names.put((name, time.time_ns() // 1_000_000))

    def _relay(self) -> None:
        while True:
            names = dict([self.names.get()])
            time.sleep(GATHER_S)
            while not self.names.empty():
                names.update([self.names.get()])
            if time.monotonic() > self.silent_until:
                self._send(names)

    def _send(self, names: dict[str, int]) -> None:
        try:
            with self.client.pipeline(transaction=False) as pipe:
                for name, at in sorted(names.items()):
                    pipe.hset(LAST, name, at)
                    pipe.publish(CHANNEL, _told(name))
                pipe.execute()
        except redis.exceptions.RedisError as error:
            self.silent_until = time.monotonic() + PATIENCE_S
            log.warning("Open pages were not told of a change: %s", error)


line = _Line()


def _told(name: str) -> str:
    return json.dumps({"name": name})


@login_not_required
async def events(request: HttpRequest) -> HttpResponseBase:
    """Server-sent events for a signed-in person; 401 otherwise, 503 when Redis is away.

    Begins with what has changed since `since`: the milliseconds when the page that listens was asked for.
    """
    user = await request.auser()
    if not user.is_authenticated:
        return HttpResponse(status=401)
    # A stream must not hold a pool connection for as long as the browser stays open.
    await sync_to_async(lambda: connection.close())()
    client = redis.asyncio.Redis.from_url(settings.REDIS_URL, health_check_interval=20)
    pubsub = client.pubsub(ignore_subscribe_messages=True)
    try:
        await pubsub.subscribe(CHANNEL)
        missed = await _missed(client, request.GET.get("since", ""))
    except redis.exceptions.RedisError:
        await client.aclose()
        return HttpResponse(status=503)
    response = StreamingHttpResponse(_stream(client, pubsub, missed), content_type="text/event-stream")
    response["Cache-Control"] = "no-cache"
    response["X-Accel-Buffering"] = "no"
    return response


async def _missed(client: Any, since: str) -> list[bytes]:
    """What changed at `since` or later, as it would have been told; nothing for what is no moment."""
    if not (since.isdecimal() and len(since) < 20):
        return []
    last = await client.hgetall(LAST)
    return [_told(name.decode()).encode() for name, at in sorted(last.items()) if int(at) >= int(since)]


async def _stream(client: Any, pubsub: Any, missed: list[bytes]) -> AsyncIterator[bytes]:
    stop = asyncio.ensure_future(stopping.wait()) if stopping else asyncio.get_running_loop().create_future()
    get: asyncio.Future[Any] | None = None
    try:
        yield b"retry: 2000\nevent: hello\ndata: {}\n\n"
        for told in missed:
            yield b"event: live\ndata: " + told + b"\n\n"
        while True:
            get = asyncio.ensure_future(pubsub.get_message(timeout=15))
            done, _ = await asyncio.wait({get, stop}, return_when=asyncio.FIRST_COMPLETED)
            if stop in done:
                yield b"event: bye\ndata: {}\n\n"
                return
            try:
                message = get.result()
            except redis.exceptions.RedisError:  # the page listens again, and polls meanwhile
                return
            yield b": ping\n\n" if message is None else b"event: live\ndata: " + message["data"] + b"\n\n"
    finally:
        stop.cancel()
        if get:
            get.cancel()
        await pubsub.aclose()
        await client.aclose()
