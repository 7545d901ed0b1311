"""The live stream: names, never HTML. Each region then re-reads itself through the ordinary view (recipes: web §1)."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from types import FrameType
from typing import Any

import redis
import redis.asyncio
import redis.exceptions
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

CHANNEL = "live"
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
    """Tell open pages, after commit, that `name` changed (e.g. "runs", "fleet"). Best effort: pages also poll every 10 s."""
    transaction.on_commit(lambda: _publish(name), robust=True)


def _publish(name: str) -> None:
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
    client.publish(CHANNEL, json.dumps({"name": name}))


@login_not_required
async def events(request: HttpRequest) -> HttpResponseBase:
    """Server-sent events for a signed-in person; 401 otherwise, 503 when Redis is away."""
    user = await request.auser()
    if not user.is_authenticated:
        return HttpResponse(status=401)
    # A stream must not hold a pool connection for as long as the browser stays open.
    await sync_to_async(lambda: connection.close())()
    client = redis.asyncio.Redis.from_url(settings.REDIS_URL, health_check_interval=20)
    pubsub = client.pubsub(ignore_subscribe_messages=True)
    try:
        await pubsub.subscribe(CHANNEL)
    except redis.exceptions.ConnectionError:
        await client.aclose()
        return HttpResponse(status=503)
    response = StreamingHttpResponse(_stream(client, pubsub), content_type="text/event-stream")
    response["Cache-Control"] = "no-cache"
    response["X-Accel-Buffering"] = "no"
    return response


async def _stream(client: Any, pubsub: Any) -> AsyncIterator[bytes]:
    stop = asyncio.ensure_future(stopping.wait()) if stopping else asyncio.get_running_loop().create_future()
    try:
        yield b"retry: 2000\nevent: hello\ndata: {}\n\n"
        while True:
            get = asyncio.ensure_future(pubsub.get_message(timeout=15))
            done, _ = await asyncio.wait({get, stop}, return_when=asyncio.FIRST_COMPLETED)
            if stop in done:
                get.cancel()
                yield b"event: bye\ndata: {}\n\n"
                return
            message = get.result()
            yield b": ping\n\n" if message is None else b"event: live\ndata: " + message["data"] + b"\n\n"
    finally:
        stop.cancel()
        await pubsub.aclose()
        await client.aclose()
