"""Waking workers: a message says which run to look at, and may be lost; the row is the truth and the sweeper's list."""

import logging
import time
import uuid
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

from celery import current_app
from django.db import connection, transaction
from kombu.connection import Connection
from kombu.exceptions import LimitExceeded, OperationalError
from kombu.messaging import Producer
from kombu.pools import producers
from redis.exceptions import RedisError

from agents.runs.standby import call

log = logging.getLogger(__name__)
TIMEOUT_S = 1.0
SHARES = 16
"""Of many runs queued at once, each message names a share: a message for each would cost as much as a short run."""
PATIENCE_S = 10.0
"""After a failed publication the broker is left alone this long, so that a mute one delays a request once."""


class Wire:
    """The way to the broker, with short deadlines: a page must not wait for a broker that accepts and says nothing."""

    def __init__(self) -> None:
        self.silent_until = 0.0

    def send(self, task: str, args: list[str], queue: str, expires: float | None = None, countdown: float = 0) -> bool:
        """Publish, unless the broker has just failed; says whether it was published."""
        if time.monotonic() < self.silent_until:
            return False
        try:
            with producers[self.connection()].acquire(block=True, timeout=TIMEOUT_S) as producer:
                _publish(producer, task, args, queue, expires=expires, countdown=countdown or None)
        except (LimitExceeded, OperationalError, OSError) as error:
            self.silent_until = time.monotonic() + PATIENCE_S
            log.warning("The broker did not take %s: %s", task, error)
            return False
        return True

    def call(self, run_ids: list[str], queue: str) -> bool:
        """Give the runs to a worker that stands by, unless the broker has just failed; whether there was one."""
        if time.monotonic() < self.silent_until:
            return False
        try:
            return call(run_ids, queue)
        except RedisError as error:
            self.silent_until = time.monotonic() + PATIENCE_S
            log.warning("The broker did not say who stands by for %s: %s", queue, error)
            return False

    def length(self, queue: str) -> int | None:
        """How many messages wait in the queue; None when the broker does not say."""
        if time.monotonic() < self.silent_until:
            return None
        way = self.connection()
        try:
            with producers[way].acquire(block=True, timeout=TIMEOUT_S) as producer:
                return int(producer.channel.queue_declare(queue).message_count)
        except (LimitExceeded, OSError, *way.connection_errors, *way.channel_errors) as error:
            self.silent_until = time.monotonic() + PATIENCE_S
            log.warning("The broker did not say how long %s is: %s", queue, error)
            return None

    def connection(self, url: str | None = None) -> Connection:
        """To the broker of the settings, or another; one try, for kombu would otherwise sleep and try for seconds."""
        return _way(url or current_app.conf.broker_url)


def _publish(producer: Producer, task: str, args: list[str], queue: str, **when: float | None) -> None:
    """Celery's own message, put straight into the queue: `apply_async` takes three times as long to send the same."""
    message = current_app.amqp.as_task_v2(str(uuid.uuid4()), task, args, argsrepr="", kwargsrepr="", **when)
    producer.publish(  # type: ignore[no-untyped-call]
        message.body, routing_key=queue, headers=message.headers, serializer="json", retry=False, **message.properties
    )


@lru_cache(8)
def _way(url: str) -> Connection:
    """Built once: it is asked for at every message."""
    brief = {"socket_timeout": TIMEOUT_S, "socket_connect_timeout": TIMEOUT_S, "max_retries": 0}
    options = {**current_app.conf.broker_transport_options, **brief}
    way: Connection = current_app.connection_for_write(url, transport_options=options)
    return way


wire = Wire()


class _Queued:
    """What one transaction queued, published by the one callback of its commit."""

    def __init__(self) -> None:
        self.runs: defaultdict[str, list[str]] = defaultdict(list)

    def __call__(self) -> None:
        for queue, run_ids in self.runs.items():
            tell(run_ids, queue)


def wake(run_id: uuid.UUID, queue: str) -> None:
    """Once this transaction is committed, tell a worker of `queue` to look at the run."""
    known = (entry[1] for entry in connection.run_on_commit if isinstance(entry[1], _Queued))
    if queued := next(known, None):
        queued.runs[queue].append(str(run_id))
    else:
        queued = _Queued()
        queued.runs[queue].append(str(run_id))
        transaction.on_commit(queued, robust=True)


def tell(run_ids: Sequence[str], queue: str) -> None:
    """Give the runs to who stands by or publish them, in as many parts as there may be workers to share them."""
    share = -(-len(run_ids) // SHARES)
    for start in range(0, len(run_ids), share or 1):
        some = list(run_ids[start : start + share])
        if not wire.call(some, queue):
            wire.send("runs.wake", some, queue)
