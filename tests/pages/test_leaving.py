"""Whoever closes the page or stops an export has gone: nothing more is made for them."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from a2wsgi import WSGIMiddleware

from console import asgi

LINES, READ = 2_000, 3


class Export:
    """A WSGI app that streams lines, and counts those it has made."""

    def __init__(self) -> None:
        self.made, self.closed = 0, False

    def __call__(self, environ: dict[str, Any], start_response: Any) -> "Export":
        start_response("200 OK", [("Content-Type", "text/csv")])
        return self

    def __iter__(self) -> Iterator[bytes]:
        for self.made in range(1, LINES + 1):
            yield b"a line\n"

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def export(monkeypatch: pytest.MonkeyPatch) -> Export:
    made = Export()
    monkeypatch.setattr(asgi, "pages_app", WSGIMiddleware(asgi.until_gone(made)))
    return made


async def read(lines: int) -> int:
    """Ask as a server does whose client hangs up after so many lines; how many it was given."""
    left, asked, given = asyncio.Event(), iter([{"type": "http.request", "body": b"", "more_body": False}]), 0

    async def receive() -> dict[str, Any]:
        if (message := next(asked, None)) is None:
            await left.wait()
        return message or {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        nonlocal given
        given += message.get("body") == b"a line\n"
        if given == lines:
            left.set()

    scope = {"type": "http", "method": "GET", "path": "/queue/export.csv", "query_string": b"", "http_version": "1.1"}
    await asgi.application(scope, receive, send)
    return given


def test_who_stays_is_given_all_of_it(export: Export) -> None:
    assert asyncio.run(read(LINES + 1)) == LINES
    assert export.closed


def test_what_is_streamed_ends_when_its_reader_has_gone(export: Export) -> None:
    asyncio.run(read(READ))
    assert READ <= export.made < LINES
    assert export.closed
