"""The dispatcher: `/live/` is served by Django's ASGI side, everything else by its WSGI side in a thread pool."""

import asyncio
import gc
import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
os.environ.setdefault("DATABASE_POOL", "1")

from a2wsgi import WSGIMiddleware
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

BODY_S = 20.0
live_app = get_asgi_application()
pages_app = WSGIMiddleware(get_wsgi_application(), workers=12)  # type: ignore[arg-type]  # it types WSGI narrowly

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


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1000})
    elif scope["path"].startswith("/live/"):
        await live_app(scope, receive, send)
    elif scope["path"].startswith(("/api/", "/hooks/", "/otel/")):
        await pages_app(scope, hurried(receive), send)
    else:
        await pages_app(scope, receive, send)
