"""The live stream: for who is signed in, and only the names of what changed."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, cast

import pytest
import redis
from asgiref.sync import async_to_sync
from django.conf import settings
from django.http import StreamingHttpResponse
from django.test import AsyncClient, Client

from console.live import LAST
from tests.cast import make_cast

pytestmark = pytest.mark.django_db(transaction=True)


def _first(open_stream: Callable[[], Awaitable[Any]]) -> tuple[int, str, bytes]:
    """Status, media type and the first event; the stream is left as a browser leaves it."""

    async def listen() -> tuple[int, str, bytes]:
        response = await open_stream()
        if not isinstance(response, StreamingHttpResponse):
            return response.status_code, response["Content-Type"], b""
        events = cast(AsyncIterator[bytes], response.streaming_content)
        first = await anext(events)
        await events.aclose()  # type: ignore[attr-defined]
        return response.status_code, response["Content-Type"], first

    return async_to_sync(listen)()


def test_a_stranger_hears_nothing() -> None:
    status, _media, event = _first(lambda: AsyncClient().get("/live/events/"))
    assert (status, event) == (401, b"")


@pytest.mark.parametrize("role", ["owner", "human_agent", "rival"])
def test_who_is_signed_in_is_greeted(role: str) -> None:
    client = AsyncClient()
    client.force_login(getattr(make_cast(), role))
    status, media, event = _first(lambda: client.get("/live/events/"))
    assert (status, media) == (200, "text/event-stream")
    assert b"event: hello\ndata: {}" in event


def test_a_stream_whose_redis_went_away_ends_without_a_defect() -> None:
    client = AsyncClient()
    client.force_login(make_cast().owner)

    async def listen() -> list[bytes]:
        response = cast(StreamingHttpResponse, await client.get("/live/events/"))
        events = cast(AsyncIterator[bytes], response.streaming_content)
        heard = [await anext(events)]
        with redis.Redis.from_url(settings.REDIS_URL) as valkey:
            valkey.client_kill_filter(_type="pubsub")
        return heard + [event async for event in events]

    assert async_to_sync(listen)()[1:] in ([], [b": ping\n\n"])


def _told(client: AsyncClient, since: str) -> list[str]:
    """The names that a stream opened at this address tells before anything else changes."""

    async def listen() -> list[bytes]:
        response = cast(StreamingHttpResponse, await client.get(f"/live/events/?since={since}"))
        events = cast(AsyncIterator[bytes], response.streaming_content)
        heard = [await anext(events)]
        with redis.Redis.from_url(settings.REDIS_URL) as valkey:
            valkey.client_kill_filter(_type="pubsub")
        return heard + [event async for event in events]

    lines = b"".join(async_to_sync(listen)()).decode().splitlines()
    return [json.loads(line[6:])["name"] for line in lines if line.startswith('data: {"name')]


def test_what_changed_between_a_page_and_its_stream_is_told_first() -> None:
    person = make_cast().owner
    page = Client()
    page.force_login(person)
    found = re.search(r'data-live-url="/live/events/\?since=(\d+)"', page.get("/agents/").content.decode())
    assert found
    begun = int(found[1])
    with redis.Redis.from_url(settings.REDIS_URL) as valkey:
        valkey.hset(LAST, mapping={"test-before": begun - 1, "test-missed": begun + 1})
    client = AsyncClient()
    client.force_login(person)
    try:
        assert [name for name in _told(client, str(begun)) if name.startswith("test-")] == ["test-missed"]
        for nonsense in ("", "yesterday", "-1", "9" * 40):
            assert "test-missed" not in _told(client, nonsense)
    finally:
        with redis.Redis.from_url(settings.REDIS_URL) as valkey:
            valkey.hdel(LAST, "test-before", "test-missed")
