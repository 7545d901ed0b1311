"""The dispatcher: `/live/` is served by Django's ASGI side, everything else by its WSGI side in a thread pool."""

import asyncio
import gc
import os
import threading
from collections.abc import Callable, Iterator
from itertools import takewhile
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
os.environ.setdefault("DATABASE_POOL", "1")

from a2wsgi import WSGIMiddleware
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

BODY_S = 20.0
GONE = "rollcall.gone"


def until_gone(app: Callable[..., Any]) -> Callable[..., Iterator[bytes]]:
    """The app, whose answer ends where the client has gone: an export would be made for nobody, for minutes."""

    def answered(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        gone, response = environ["asgi.scope"].get(GONE), app(environ, start_response)
        try:
            yield from takewhile(lambda _: gone is None or not gone.is_set(), response)
        finally:
            response.close()

    return answered


live_app = get_asgi_application()
pages_app = WSGIMiddleware(until_gone(get_wsgi_application()), workers=12)

from console import live, urls  # noqa: E402, F401  # after Django is set up; the first request would import every page


async def lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            live.startup()
            gc.freeze()  # as in a worker: nothing imported is ever garbage
            gc.set_threshold(10_000)
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            pages_app.executor.shutdown(wait=False, cancel_futures=True)
            await send({"type": "lifespan.shutdown.complete"})
            return


def hurried(receive: Any, seconds: float = BODY_S) -> Any:
    """`receive`, which takes a body that has not come after so long for cut off: a slow sender must not hold a thread.

    Only for machines: people may sit on slow lines.
    """
    end = asyncio.get_running_loop().time() + seconds

    async def next_message() -> Any:
        try:
            return await asyncio.wait_for(receive(), end - asyncio.get_running_loop().time())
        except TimeoutError:
            return {"type": "http.disconnect"}

    return next_message


async def watched(scope: Any, receive: Any, send: Any) -> None:
    """An answer to a request without a body, whose scope says when its client has gone."""
    scope[GONE] = gone = threading.Event()

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            continue
        gone.set()

    async def nothing() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    watching = asyncio.create_task(watch())
    try:
        await pages_app(scope, nothing, send)
    finally:
        watching.cancel()


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1000})
    elif scope["path"].startswith("/live/"):
        await live_app(scope, receive, send)
    elif scope["path"].startswith(("/api/", "/hooks/", "/otel/")):
        await pages_app(scope, hurried(receive), send)
    elif scope["method"] == "GET":
        await watched(scope, receive, send)
    else:
        await pages_app(scope, receive, send)
