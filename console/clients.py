"""Clients that are slow or have gone: neither holds one of the few threads that answer."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
            async with asyncio.timeout_at(end):
                return await receive()
        except TimeoutError:
            return {"type": "http.disconnect"}

    return next_message


async def arrived(scope: Any, receive: Any, kept: SpooledTemporaryFile[bytes]) -> tuple[Any, bool]:
    """`receive` of a body that is here, kept meanwhile, and whether that is all of it; one that is too long is left to
    whoever refuses it."""
    if int(dict(scope["headers"]).get(b"content-length", 0)) > KEPT_BYTES:
        return receive, False
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

    return next_message, last == "http.request"


@contextmanager
def listening(scope: Any, receive: Any) -> Iterator[None]:
    """An ear for the leaving of a client that has sent all it had to send."""

    async def listen() -> None:
        while (await receive())["type"] != "http.disconnect":
            continue
        scope[GONE].set()

    ear = asyncio.create_task(listen())
    try:
        yield
    finally:
        ear.cancel()


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
