"""A worker that has just carried a run out stands by for the next one of its queue."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from django.conf import settings

from agents.runs import standby, tasks
from agents.runs.enums import RunState
from agents.runs.models import Run
from agents.runs.standby import cards, stand_by
from agents.runs.wake import tell, wire
from tests.cast import Cast
from tests.runs.toys import started

LONG_S = 30.0


@pytest.fixture
def server() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL)


@pytest.fixture
def queue(server: redis.Redis) -> Iterator[str]:
    """The real one, which no test's worker reads: nobody stands by and nothing waits."""
    server.delete(standby._key("bulk"), cards("bulk"))
    yield "bulk"
    server.delete(standby._key("bulk"), cards("bulk"))


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who stands by does so until called."""
    monkeypatch.setattr(standby, "STAND_BY_S", LONG_S)
    monkeypatch.setattr(standby, "ANSWER_S", 2 * LONG_S)
    standby._server.cache_clear()


@pytest.fixture(autouse=True)
def _own_server() -> Iterator[None]:
    yield
    standby._server.cache_clear()


def waiting(server: redis.Redis, queue: str, count: int) -> None:
    """Until so many stand by."""
    seen = threading.Event()
    while server.zcard(cards(queue)) != count:
        assert not seen.wait(0.002)


def messages(server: redis.Redis, queue: str) -> int:
    return int(server.llen(standby._key(queue)))


def test_who_stands_by_is_given_the_runs_and_the_broker_is_not(server: redis.Redis, queue: str, patient: None) -> None:
    with ThreadPoolExecutor(1) as pool:
        called = pool.submit(stand_by, queue)
        waiting(server, queue, 1)
        tell(["one", "two"], queue)
        tell(["three"], queue)
        assert called.result() == ["one"]
    assert messages(server, queue) == 2


def test_a_run_that_nobody_stands_by_for_goes_to_the_broker(server: redis.Redis, queue: str) -> None:
    tell(["one"], queue)
    assert messages(server, queue) == 1


def test_nobody_stands_by_for_another_queue(server: redis.Redis, queue: str) -> None:
    assert stand_by("urgent") == []
    assert not wire.call(["one"], queue)


def test_whose_queue_has_messages_does_not_stand_by(server: redis.Redis, queue: str, patient: None) -> None:
    tell(["one"], queue)
    assert stand_by(queue) == []
    assert not wire.call(["two"], queue)


def test_who_was_not_called_takes_its_card_back(server: redis.Redis, queue: str) -> None:
    assert stand_by(queue) == []
    assert not wire.call(["one"], queue)


def test_nobody_calls_a_worker_that_died_while_it_stood_by(server: redis.Redis, queue: str) -> None:
    now, _microseconds = server.time()
    server.zadd(cards(queue), {"standby:dead": now - 1})
    assert not wire.call(["one"], queue)
    assert not server.exists("standby:dead")


def test_who_is_called_in_the_moment_it_leaves_still_comes(
    server: redis.Redis, queue: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = standby._called_late

    def called_meanwhile(queue: str, card: str) -> object:
        server.zadd(cards(queue), {card: 2e9})
        assert wire.call(["one"], queue)
        return late(queue, card)

    monkeypatch.setattr(standby, "_called_late", called_meanwhile)
    assert stand_by(queue) == ["one"]


def test_of_many_that_stand_by_each_call_reaches_one(server: redis.Redis, queue: str) -> None:
    runs = [str(number) for number in range(200)]
    over = threading.Event()

    def stand() -> list[str]:
        met: list[str] = []
        while not over.is_set() or server.zcard(cards(queue)):
            met += stand_by(queue)
        return met

    with ThreadPoolExecutor(4) as pool:
        crew = [pool.submit(stand) for _ in range(4)]
        came = [run for run in runs if wire.call([run], queue)]
        over.set()
        met = [run for each in crew for run in each.result()]
    assert sorted(met) == sorted(came)


def test_a_broker_that_does_not_answer_is_asked_once(
    queue: str, monkeypatch: pytest.MonkeyPatch, settings: object
) -> None:
    monkeypatch.setattr("django.conf.settings.REDIS_URL", "redis://127.0.0.1:1/0")
    standby._server.cache_clear()
    assert not wire.call(["one"], queue)
    assert wire.silent_until > 0
    assert stand_by(queue) == []


def work(run: Run) -> None:
    """What a worker does with the message of this run."""
    tasks.wake.push_request(delivery_info={"routing_key": "bulk"})
    try:
        tasks.wake.run(str(run.pk))
    finally:
        tasks.wake.pop_request()


def test_a_worker_carries_out_what_it_is_called_for(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = started(cast.agent, "chain"), started(cast.agent, "chain")
    calls = iter([[str(second.pk)], []])
    monkeypatch.setattr(tasks, "stand_by", lambda _queue: next(calls))
    work(first)
    assert set(Run.objects.values_list("state", flat=True)) == {RunState.DONE}


def test_a_worker_that_is_told_to_go_does_not_stand_by(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    run = started(cast.agent, "chain")
    monkeypatch.setattr(tasks, "stopping", lambda: True)
    monkeypatch.setattr(tasks, "stand_by", lambda _queue: pytest.fail("It stood by."))
    work(run)


def test_a_worker_that_stood_by_for_long_goes_back_to_the_broker(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    run = started(cast.agent, "chain")
    monkeypatch.setattr(tasks, "SHIFT_S", -1.0)
    monkeypatch.setattr(tasks, "stand_by", lambda _queue: pytest.fail("It stood by."))
    work(run)
