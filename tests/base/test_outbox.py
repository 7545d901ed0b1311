"""Messages leave because something was committed: at least once, in order per key, however often it fails."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from agents.base import faults, outbox
from agents.base.models import Outbox
from agents.base.outbox import enqueue, handler, relay
from agents.base.tasks import relay as relay_task

committed = pytest.mark.django_db(transaction=True)
sent: list[str] = []
failing: set[str] = set()


@handler("test.mail")
def send(message: Outbox) -> None:
    if message.payload["text"] in failing:
        raise ConnectionError("the mail server is away")
    sent.append(message.payload["text"])


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    sent.clear()
    failing.clear()
    yield
    faults.arm("")


def post(*texts: str, key: str = "ana@example.com") -> list[Outbox]:
    return [enqueue("test.mail", key, {"text": text}) for text in texts]


def let_time_pass() -> None:
    Outbox.objects.filter(published_at=None).update(available_at=Now() - timedelta(seconds=1))


@committed
def test_what_was_committed_leaves_once_and_what_was_rolled_back_never() -> None:
    with transaction.atomic():
        post("kept")
    with transaction.atomic():
        post("dropped")
        transaction.set_rollback(True)
    assert relay() == 1
    assert relay() == 0
    assert sent == ["kept"]
    assert Outbox.objects.get().published_at is not None


@committed
def test_messages_of_one_key_leave_in_order_and_other_keys_do_not_wait() -> None:
    failing.add("one")
    post("one", "two")
    post("other", key="bo@example.com")
    assert relay() == 1
    assert sent == ["other"]
    failing.clear()
    let_time_pass()
    assert relay() == 2
    assert sent == ["other", "one", "two"]


@committed
def test_a_failure_is_kept_and_tried_again_later_and_later_up_to_a_cap() -> None:
    failing.add("one")
    (message,) = post("one")
    pauses = []
    for _ in range(12):
        relay()
        message.refresh_from_db()
        pauses.append((message.available_at - timezone.now()).total_seconds())
        let_time_pass()
    assert (message.attempts, message.error) == (12, "ConnectionError: the mail server is away")
    assert 0 < pauses[0] < 3
    assert 400 < pauses[-1] <= outbox.SLOWEST
    failing.clear()
    relay_task()
    message.refresh_from_db()
    assert (sent, message.error) == (["one"], "")


@committed
def test_a_relay_that_dies_before_sending_leaves_the_message_for_the_next_one() -> None:
    (message,) = post("one")
    faults.arm("relay.before_publish:raise")
    with pytest.raises(faults.Fault):
        relay()
    assert relay() == 0
    message.refresh_from_db()
    assert 50 < (message.available_at - timezone.now()).total_seconds() <= outbox.LEASE
    let_time_pass()
    assert relay() == 1
    assert sent == ["one"]


@committed
def test_a_relay_that_dies_after_sending_sends_the_same_id_again_rather_than_nothing() -> None:
    post("one")
    faults.arm("relay.after_publish:raise")
    with pytest.raises(faults.Fault):
        relay()
    let_time_pass()
    relay()
    assert sent == ["one", "one"]


@committed
def test_three_relays_at_once_send_each_message_once_and_keep_the_order() -> None:
    for person in range(5):
        post(*(f"{person}:{number}" for number in range(8)), key=str(person))

    def run() -> None:
        while Outbox.objects.filter(published_at=None).exists():
            relay()
        connection.close()

    relays = [threading.Thread(target=run) for _ in range(3)]
    for each in relays:
        each.start()
    for each in relays:
        each.join()
    assert len(sent) == len(set(sent)) == 40
    for person in range(5):
        mine = [text for text in sent if text.startswith(f"{person}:")]
        assert mine == sorted(mine)


@pytest.mark.django_db
def test_a_topic_nobody_sends_is_refused_and_a_topic_has_one_handler() -> None:
    with pytest.raises(KeyError):
        enqueue("test.nobody", "k", {})
    with pytest.raises(ValueError, match="handler already"):
        handler("test.mail")(lambda message: None)


@committed
def test_a_commit_wakes_a_relay(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    from console.celery import app

    with app.connection_for_read() as broker:
        queue = broker.SimpleQueue("urgent")
        queue.clear()
        post("one")
        woken = queue.get(timeout=60)
        woken.ack()
        queue.close()
    assert woken.headers["task"] == "base.relay"
