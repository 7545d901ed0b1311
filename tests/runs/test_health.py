"""Healthy means consuming: canaries, heartbeats, and what the sweeper publishes again."""

import socket
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from agents.fleet.enums import Lifecycle
from agents.fleet.models import Agent
from agents.runs import queries, tasks
from agents.runs.actions import start_run, sweep, sweeping
from agents.runs.execution.claim import claim
from agents.runs.models import Canary, Run
from agents.runs.wake import Wire, wire
from tests.cast import Cast
from tests.runs.toys import equip, started

PAST = "2000-01-01T00:00:00Z"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What would have gone to the broker: first argument and queue."""
    messages: list[tuple[str, str]] = []

    def send(task: str, args: list[str], queue: str, expires: float | None = None) -> bool:
        messages.append((args[0], queue))
        return True

    monkeypatch.setattr(wire, "send", send)
    monkeypatch.setattr(wire, "length", lambda queue: sum(to == queue for _, to in messages))
    return messages


def test_a_queue_nobody_was_ever_seen_at_has_no_age(cast: Cast) -> None:
    assert queries.health() == {"urgent": None, "bulk": None}


def test_a_canary_seen_by_a_worker_gives_its_queue_an_age(cast: Cast, sent: list[tuple[str, str]]) -> None:
    tasks.send_canaries()
    assert sent == [("urgent", "urgent"), ("bulk", "bulk")]
    tasks.canary("bulk")
    health = queries.health()
    assert health["urgent"] is None
    assert health["bulk"] is not None
    assert 0 <= health["bulk"] < 5


def test_a_queue_whose_canaries_stay_unread_grows_old(cast: Cast, sent: list[tuple[str, str]]) -> None:
    tasks.send_canaries()
    tasks.canary("bulk")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE runs_canary SET seen_at = now() - interval '61 s'")
    age = queries.health()["bulk"]
    assert age is not None
    assert age > 60


def test_a_worker_busy_with_a_long_run_is_seen_by_its_heartbeat(cast: Cast) -> None:
    Canary.objects.create(queue="bulk", seen_at=PAST)
    claim(started(cast.agent, "chain").pk)
    age = queries.health()["bulk"]
    assert age is not None
    assert age < 5


def test_a_started_run_is_published_once_it_is_committed(
    cast: Cast, sent: list[tuple[str, str]], django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        run = started(cast.agent, "chain")
    assert sent == []
    for callback in callbacks:
        callback()
    assert (str(run.pk), "bulk") in sent


def test_a_run_whose_message_was_lost_is_published_again(cast: Cast, sent: list[tuple[str, str]]) -> None:
    run = started(cast.agent, "chain")
    sweep()
    assert sent == []
    Run.objects.update(published_at=PAST)
    sweep()
    sweep()
    assert sent == [(str(run.pk), "bulk")]


def in_queue() -> int | None:
    return wire.length("bulk")


@pytest.fixture
def empty_queue() -> Iterator[None]:
    """The real broker, which no test's worker reads."""
    purge()
    yield
    purge()


def purge() -> None:
    with current_app.connection_for_write() as broker:
        for queue in ("bulk", "urgent"):
            broker.default_channel.queue_purge(queue)


def backlog(agent: Agent, runs: int) -> None:
    """Runs that were published long ago; their messages are in the real broker's queue."""
    for _ in range(runs):
        assert wire.send("runs.wake", [str(started(agent, "chain").pk)], "bulk")
    Run.objects.update(published_at=PAST)


def test_a_backlog_that_waits_in_the_broker_is_not_published_again(cast: Cast, empty_queue: None) -> None:
    backlog(cast.agent, 5)
    sweep()
    sweep()
    assert in_queue() == 5


def test_what_the_broker_forgot_is_published_again_once(cast: Cast, empty_queue: None) -> None:
    backlog(cast.agent, 5)
    purge()
    sweep()
    Run.objects.update(published_at=PAST)
    sweep()
    assert in_queue() == 5


def test_one_lost_message_is_one_published_again(cast: Cast, empty_queue: None) -> None:
    backlog(cast.agent, 4)
    started(cast.agent, "chain")
    Run.objects.update(published_at=PAST)
    sweep()
    assert in_queue() == 5


def test_one_lost_message_is_one_even_where_the_planner_looks_once_per_row(cast: Cast, empty_queue: None) -> None:
    backlog(cast.agent, 4)
    started(cast.agent, "chain")
    Run.objects.update(published_at=PAST)
    with connection.cursor() as cursor:
        for way in ("hashjoin", "mergejoin", "hashagg", "sort", "indexscan", "bitmapscan", "material"):
            cursor.execute(f"SET LOCAL enable_{way} = off")
    sweep()
    assert in_queue() == 5


def test_of_a_backlog_the_run_whose_hour_has_come_is_published(cast: Cast, empty_queue: None) -> None:
    backlog(cast.agent, 3)
    late = started(cast.agent, "chain")
    hour, before = timezone.now() - timedelta(hours=1), timezone.now() - timedelta(hours=2)
    Run.objects.filter(pk=late.pk).update(published_at=before, run_after=hour)
    sweep()
    late.refresh_from_db()
    assert in_queue() == 4
    assert late.published_at is not None
    assert late.published_at > hour


def test_a_run_is_published_when_its_hour_has_come(cast: Cast, sent: list[tuple[str, str]]) -> None:
    run = started(cast.agent, "chain")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE runs_run SET published_at = now() - interval '2 s', run_after = now() - interval '1 s'")
    sweep()
    assert sent == [(str(run.pk), "bulk")]


@pytest.mark.parametrize("change", [{"signal": "pause"}, {"run_after": "2999-01-01T00:00:00Z"}])
def test_a_run_that_must_not_start_is_not_published(
    cast: Cast, sent: list[tuple[str, str]], change: dict[str, str]
) -> None:
    started(cast.agent, "chain")
    Run.objects.update(published_at=PAST, **change)
    sweep()
    assert sent == []


def test_a_paused_agent_s_runs_are_not_published(cast: Cast, sent: list[tuple[str, str]]) -> None:
    started(cast.agent, "chain")
    Run.objects.update(published_at=PAST)
    Agent.objects.update(lifecycle=Lifecycle.PAUSED)
    sweep()
    assert sent == []


def test_a_part_of_the_sweep_that_fails_leaves_the_others_running(
    cast: Cast, sent: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def ill() -> None:
        raise RuntimeError("today it does not work")

    monkeypatch.setattr(sweeping, "PARTS", (ill, *sweeping.PARTS))
    started(cast.agent, "chain")
    Run.objects.update(published_at=PAST)
    with transaction.atomic():
        sweep()
    assert len(sent) == 1
    assert "The sweep could not ill" in caplog.text


def test_a_message_reaches_the_real_broker_in_its_queue(cast: Cast) -> None:
    with current_app.connection_for_read() as broker:
        queue = broker.SimpleQueue("urgent")
        queue.clear()  # of what the tests before have sent
        assert Wire().send("runs.canary", ["urgent"], "urgent")
        message = queue.get(timeout=60)
        message.ack()
        queue.close()
    assert message.headers["task"] == "runs.canary"


@pytest.fixture
def mute(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[socket.socket]]:
    """A broker that accepts connections and never says a word: those it has accepted."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        accepted: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    accepted.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        url = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        brief = Wire.connection
        monkeypatch.setattr(Wire, "connection", lambda self: brief(self, url))
        yield accepted
        server.shutdown(socket.SHUT_RDWR)
        for each in accepted:
            each.close()


def test_a_mute_broker_is_asked_once_and_delays_no_other_request(cast: Cast, mute: list[socket.socket]) -> None:
    equip(cast.agent, "chain")
    way = Wire()
    assert not way.send("runs.wake", ["x"], "bulk")
    asked = len(mute)
    for _ in range(100):
        assert not way.send("runs.wake", ["x"], "bulk")
    assert len(mute) == asked == 1
    assert start_run(cast.agent, actor=None, input={}).state == "queued"
    assert settings.RUN_LEASE > 0
