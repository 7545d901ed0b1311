"""What tells open pages that something changed: at once, together, and never in the way of a commit."""

import json
import time
from collections.abc import Iterator

import pytest
import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from console import live
from console.live import _Line


@pytest.fixture
def heard() -> Iterator[redis.client.PubSub]:
    client = redis.Redis.from_url(settings.REDIS_URL)
    pubsub = client.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
    pubsub.subscribe(live.CHANNEL)
    pubsub.get_message(timeout=1)
    yield pubsub
    pubsub.close()
    client.close()


def names(pubsub: redis.client.PubSub, last: str) -> list[str]:
    """The names that come in until `last` has, and a while longer: what comes twice comes late."""
    found, end = list[str](), time.monotonic() + 60
    while (left := end - time.monotonic()) > 0:
        if message := pubsub.get_message(timeout=left):
            found.append(str(json.loads(message["data"])["name"]))
        if found[-1:] == [last]:
            end = min(end, time.monotonic() + 3 * live.GATHER_S)
    return found


def test_a_name_that_changes_often_is_told_once(heard: redis.client.PubSub) -> None:
    line = _Line()
    for _ in range(50):
        line.publish("test-nudge")
    line.publish("test-other")
    said = [name for name in names(heard, "test-other") if name.startswith("test-")]
    assert sorted(said) == ["test-nudge", "test-other"]


def test_when_a_name_last_changed_is_kept_for_pages_that_could_not_listen_yet(heard: redis.client.PubSub) -> None:
    begun = time.time_ns() // 1_000_000
    _Line().publish("test-kept")
    assert "test-kept" in names(heard, "test-kept")
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        at = client.hget(live.LAST, "test-kept")
        client.hdel(live.LAST, "test-kept")
    assert at is not None
    assert begun <= int(at) <= time.time_ns() // 1_000_000


def test_a_redis_that_is_away_delays_nobody_and_is_left_alone_for_a_while() -> None:
    line = _Line()
    line.__dict__["client"] = redis.Redis(port=1, retry=Retry(NoBackoff(), 0))
    begun = time.monotonic()
    line.publish("test-nudge")
    end = begun + 60
    while line.silent_until < begun and time.monotonic() < end:
        time.sleep(0.02)
    assert line.silent_until > begun
