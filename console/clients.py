"""Clients that are slow or have gone: neither holds one of the few threads that answer."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from itertools import takewhile
from tempfile import SpooledTemporaryFile
from typing import Any

GONE, CUT_OFF = "rollcall.gone", "rollcall.cut_off"
"""In a request's scope: whether its client has gone, and that its body did not come whole."""
MACHINE_S, PERSON_S, READ_S = 20.0, 120.0, 30.0
"""How long a body may take to come, and somebody to read what is before them."""
KEPT_BYTES = 5 * 2**20
"""Of a body; more is only sent by machines, which show their token first."""
IN_MEMORY, CHUNK = 2**16, 2**18


def hurried(receive: Any, seconds: float) -> Any:
    """`receive`, which takes a body that has not come after so long for cut off."""
    end = asyncio.get_running_loop().time() + seconds

    async def next_message() -> Any:
        try:
            return await asyncio.wait_for(receive(), end - asyncio.get_running_loop().time())
        except TimeoutError:
            return {"type": "http.disconnect"}

    return next_message


async def arrived(scope: Any, receive: Any, kept: SpooledTemporaryFile[bytes]) -> Any:
    """`receive` of a body that is here, kept meanwhile; one that is too long is left to who refuses it."""
    headers = dict(scope["headers"])
    if int(headers.get(b"content-length", 0)) > KEPT_BYTES:
        return receive
    last = None
    while last is None and kept.tell() <= KEPT_BYTES:
        message = await receive()
        kept.write(message.get("body", b""))
        last = None if message.get("more_body") else message["type"]
    scope[CUT_OFF] = last == "http.disconnect"
    size = kept.tell()
    kept.seek(0)

    async def next_message() -> Any:
        if last == "http.request" or kept.tell() < size:
            chunk = kept.read(CHUNK)
            return {"type": "http.request", "body": chunk, "more_body": not last or kept.tell() < size}
        return await receive()

    return next_message


def patient(scope: Any, send: Any) -> Any:
    """`send`, which takes a client that reads nothing for READ_S for gone."""

    async def sent(message: Any) -> None:
        if not scope[GONE].is_set():
            try:
                async with asyncio.timeout(READ_S):
                    await send(message)
            except TimeoutError:
                scope[GONE].set()

    return sent


async def watched(app: Any, scope: Any, receive: Any, send: Any) -> None:
    """The app's answer to a request whose body nobody reads, and meanwhile an ear for its client's leaving."""

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            continue
        scope[GONE].set()

    async def nothing() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    watching = asyncio.create_task(watch())
    try:
        await app(scope, nothing, send)
    finally:
        watching.cancel()


def until_gone(app: Callable[..., Any]) -> Callable[..., Iterator[bytes]]:
    """The WSGI app, whose answer ends where the client has gone: an export would be made for nobody, for minutes."""

    def answered(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        gone: threading.Event = environ["asgi.scope"][GONE]
        response = app(environ, start_response)
        try:
            yield from takewhile(lambda _: not gone.is_set(), response)
        finally:
            response.close()

    return answered
