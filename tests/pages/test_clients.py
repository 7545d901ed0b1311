"""Clients that are slow, stop half-way or have gone: nothing more is made for them, and nobody else waits for them."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from a2wsgi import WSGIMiddleware
from django.test import Client

from agents.fleet.models import Agent
from console import asgi, clients
from console.clients import CUT_OFF, KEPT_BYTES
from tests.cast import Cast
from tests.pages.conftest import SignIn

LINES, READ = 2_000, 3
Message = dict[str, Any]


class App:
    """A WSGI app that says what it was sent, or streams lines and counts those it has made."""

    def __init__(self) -> None:
        self.made, self.closed, self.sent = 0, False, list[bytes]()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> "App":
        if environ["REQUEST_METHOD"] == "POST":
            self.sent.append(environ["wsgi.input"].read())
        start_response("200 OK", [("Content-Type", "text/csv")])
        return self

    def __iter__(self) -> Iterator[bytes]:
        for self.made in range(1, LINES + 1):
            yield b"a line\n"

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> App:
    """Answered by a single thread."""
    made = App()
    monkeypatch.setattr(asgi, "pages_app", WSGIMiddleware(clients.until_gone(made), workers=1))
    return made


def scope(method: str, **headers: str) -> Message:
    told = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    asked = {"type": "http", "method": method, "path": "/queue/", "query_string": b"", "http_version": "1.1"}
    return {**asked, "headers": told}


def part(body: bytes, *, more: bool) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def sender(*messages: Message, left: asyncio.Event | None = None) -> Callable[[], Awaitable[Message]]:
    """A client that sends these, then nothing until it has left."""
    coming = iter(messages)

    async def receive() -> Message:
        if (message := next(coming, None)) is None:
            await (left or asyncio.Event()).wait()
        return message or {"type": "http.disconnect"}

    return receive


class Reader:
    """A client that reads so many lines, or for ever, and then hangs up, or only stops reading."""

    def __init__(self, lines: int = LINES + 1, *, stops: bool = False, method: str = "GET") -> None:
        self.lines, self.stops, self.given, self.left = lines, stops, 0, asyncio.Event()
        self.method = method

    async def send(self, message: Message) -> None:
        self.given += message.get("body") == b"a line\n"
        if self.given == self.lines:
            self.left.set()
            await (asyncio.Event().wait() if self.stops else asyncio.sleep(0))

    async def read(self) -> int:
        receive = sender(part(b"", more=False), left=None if self.stops else self.left)
        await asgi.application(scope(self.method), receive, self.send)
        return self.given


def test_who_stays_is_given_all_of_it(app: App) -> None:
    async def all_of_it() -> int:
        return await Reader().read()

    assert asyncio.run(all_of_it()) == LINES
    assert app.closed


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("stops", [False, True], ids=["hangs up", "reads no more"])
def test_what_is_streamed_ends_when_its_reader_has_gone(
    app: App, monkeypatch: pytest.MonkeyPatch, method: str, stops: bool
) -> None:
    monkeypatch.setattr(clients, "READ_S", 0.05)

    async def three_lines() -> None:
        await Reader(READ, stops=stops, method=method).read()

    asyncio.run(three_lines())
    assert READ <= app.made < LINES
    assert app.closed


async def posted(*messages: Message, **headers: str) -> Message:
    asked = scope("POST", **headers)
    await asgi.application(asked, sender(*messages), Reader().send)
    return asked


@pytest.mark.parametrize(
    "parts", [[b"whole"], [b"in ", b"parts"], [b"x" * clients.CHUNK, b"y" * 9]], ids=["one", "two", "large"]
)
def test_a_body_is_read_as_it_was_sent(app: App, parts: list[bytes]) -> None:
    asked = asyncio.run(posted(*[part(each, more=each is not parts[-1]) for each in parts]))
    assert app.sent == [b"".join(parts)]
    assert not asked[CUT_OFF]


def test_who_sends_slowly_keeps_nobody_waiting(app: App) -> None:
    """The only thread is free while a body has yet to come."""

    async def meanwhile() -> int:
        slow = asyncio.create_task(posted(part(b"a", more=True)))
        await asyncio.sleep(0)
        given = await asyncio.wait_for(Reader().read(), 60)
        slow.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await slow
        return given

    assert asyncio.run(meanwhile()) == LINES
    assert app.sent == []


def test_a_body_that_stops_half_way_is_told_from_a_whole_one(app: App) -> None:
    asked = asyncio.run(posted(part(b"half", more=True), {"type": "http.disconnect"}))
    assert asked[CUT_OFF]
    assert app.sent == [b"half"]


def test_a_body_that_is_too_long_is_not_waited_for(app: App) -> None:
    """Whoever refuses it does so before it is read."""
    monster = part(b"x", more=False)
    asked = asyncio.run(posted(monster, content_length=str(KEPT_BYTES + 1)))
    assert CUT_OFF not in asked


def test_no_more_than_so_much_of_a_body_without_a_length_is_kept(app: App) -> None:
    """The rest is read by whoever takes as much."""
    asked = asyncio.run(posted(part(b"x" * (KEPT_BYTES + 1), more=True), part(b"yz", more=False)))
    assert not asked[CUT_OFF]
    assert app.sent == [b"x" * (KEPT_BYTES + 1) + b"yz"]


def test_half_a_form_is_refused_and_changes_nothing(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.owner)
    cut_off: dict[str, Any] = {"asgi.scope": {CUT_OFF: True}}
    reply = client.post(f"/agents/{cast.agent.slug}/pause/", {"note": "ha"}, **cut_off)
    assert reply.status_code == 408
    assert b"did not come whole" in reply.content
    assert b"req_" in reply.content
    assert Agent.objects.get(pk=cast.agent.pk).lifecycle == cast.agent.lifecycle


def test_a_form_longer_than_any_is_refused_before_it_is_read(cast: Cast, client: Client) -> None:
    reply = client.post("/accounts/login/", {}, CONTENT_LENGTH=str(KEPT_BYTES + 1))
    assert reply.status_code == 413
    assert b"larger than Rollcall takes" in reply.content
