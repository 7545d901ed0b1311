"""The dispatcher: `/live/` is served by Django's ASGI side, everything else by its WSGI side in a thread pool."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
os.environ.setdefault("DATABASE_POOL", "1")

from a2wsgi import WSGIMiddleware
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

live_app = get_asgi_application()
pages_app = WSGIMiddleware(get_wsgi_application(), workers=12)  # type: ignore[arg-type]  # it types WSGI narrowly

from console import live  # noqa: E402  # after Django is set up


async def lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            live.startup()
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            pages_app.executor.shutdown(wait=False, cancel_futures=True)
            await send({"type": "lifespan.shutdown.complete"})
            return


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1000})
    elif scope["path"].startswith("/live/"):
        await live_app(scope, receive, send)
    else:
        await pages_app(scope, receive, send)
