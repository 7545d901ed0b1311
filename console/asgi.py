"""The dispatcher: `/live/` is served by Django's ASGI side, everything else by its WSGI side in a thread pool."""

import gc
import os
import threading
from contextlib import nullcontext
from tempfile import SpooledTemporaryFile
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
os.environ.setdefault("DATABASE_POOL", "1")

from a2wsgi import WSGIMiddleware
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application

from console.clients import GONE, IN_MEMORY, MACHINE_S, PERSON_S, arrived, hurried, listening, patient, until_gone

THREADS = 12
live_app = get_asgi_application()
pages_app = WSGIMiddleware(until_gone(get_wsgi_application()), workers=THREADS)

from console import live, urls  # noqa: E402, F401  # after Django is set up; the first request would import every page
from console.middleware import MACHINES  # noqa: E402


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


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1000})
    elif scope["path"].startswith("/live/"):
        await live_app(scope, receive, send)
    else:
        await answer(scope, receive, send)


async def answer(scope: Any, receive: Any, send: Any) -> None:
    """By a thread, which has all that it needs and is not waited for."""
    scope[GONE] = threading.Event()
    in_time = hurried(receive, MACHINE_S if scope["path"].startswith(MACHINES) else PERSON_S)
    with SpooledTemporaryFile(IN_MEMORY) as kept:
        body, whole = await arrived(scope, in_time, kept)
        with listening(scope, receive) if whole else nullcontext():
            await pages_app(scope, body, patient(scope, send))
