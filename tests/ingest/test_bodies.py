"""Bodies as only a real server sees them: in chunks, without a length, or hardly at all."""

import asyncio
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agents.connectors.actions import open_source
from agents.connectors.models import InboxEvent
from agents.connectors.signing import signed
from console.asgi import THREADS
from console.clients import hurried
from console.supervisor.ports import LOOPBACK
from tests.cast import make_cast
from tests.chaos.web import web
from tests.ingest.documents import a_run


def test_whoever_sends_too_slowly_is_cut_off() -> None:
    parts = iter(range(2))

    async def slow() -> dict[str, Any]:
        if next(parts, None) is None:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def read() -> list[str]:
        receive = hurried(slow, 0.5)
        return [(await receive())["type"] for _ in range(4)]

    assert asyncio.run(read()) == ["http.request", "http.request", "http.disconnect", "http.disconnect"]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_body_in_chunks_is_read_as_far_as_it_may_go_while_more_than_all_threads_send_slowly(tmp_path: Path) -> None:
    cast = make_cast()
    source, secret = open_source(cast.team, name="n8n", actor=cast.chief)
    body = json.dumps({"agent": "refund-agent", **a_run()}).encode()

    def chunks(count: int, chunk: bytes) -> Iterator[bytes]:
        yield from [chunk] * count

    with web(tmp_path) as server:
        server.serve()
        path, headers = f"/hooks/{source.pk}", signed(secret, "msg_1", body)
        slow = [_slow_sender(server.port, path) for _ in range(2 * THREADS)]
        whole = server.post(path, chunks(1, body), headers)
        large = server.post(path, chunks(6, b" " * 2**20), signed(secret, "msg_2", b" " * 6 * 2**20))
    for each in slow:
        each.close()
    assert whole is not None
    assert whole[0] == 202
    assert InboxEvent.objects.get().external_id == "msg_1"
    # The server answers and hangs up while the sender may still be writing.
    assert large is None or (large[0], large[1]["code"]) == (413, "too_large")


def _slow_sender(port: int, path: str) -> socket.socket:
    """One that has told of a hundred bytes and sends one."""
    way = socket.create_connection((LOOPBACK, port))
    way.sendall(f"POST {path} HTTP/1.1\r\nHost: {LOOPBACK}\r\nContent-Length: 100\r\n\r\n{{".encode())
    return way
