"""Waking workers: a message says which run to look at, and may be lost; the row is the truth and the sweeper's list."""

import logging
import time
import uuid
from functools import lru_cache, partial

from celery import current_app
from django.db import transaction
from kombu.connection import Connection
from kombu.exceptions import LimitExceeded, OperationalError
from kombu.pools import producers

log = logging.getLogger(__name__)
TIMEOUT_S = 1.0
PATIENCE_S = 10.0
"""After a failed publication the broker is left alone this long, so that a mute one delays a request once."""


class Wire:
    """The way to the broker, with short deadlines: a page must not wait for a broker that accepts and says nothing."""

    def __init__(self) -> None:
        self.silent_until = 0.0

    def send(self, task: str, args: list[str], queue: str, expires: float | None = None) -> bool:
        """Publish, unless the broker has just failed; says whether it was published."""
        if time.monotonic() < self.silent_until:
            return False
        try:
            with producers[self.connection()].acquire(block=True, timeout=TIMEOUT_S) as producer:
                current_app.signature(task, args=args).apply_async(
                    producer=producer, queue=queue, expires=expires, retry=False
                )
        except (LimitExceeded, OperationalError, OSError) as error:
            self.silent_until = time.monotonic() + PATIENCE_S
            log.warning("The broker did not take %s: %s", task, error)
            return False
        return True

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


@lru_cache(8)
def _way(url: str) -> Connection:
    """Built once: it is asked for at every message."""
    brief = {"socket_timeout": TIMEOUT_S, "socket_connect_timeout": TIMEOUT_S, "max_retries": 0}
    options = {**current_app.conf.broker_transport_options, **brief}
    way: Connection = current_app.connection_for_write(url, transport_options=options)
    return way


wire = Wire()


def wake(run_id: uuid.UUID, queue: str) -> None:
    """Once this transaction is committed, tell a worker of `queue` to look at the run."""
    transaction.on_commit(partial(wire.send, "runs.wake", [str(run_id)], queue), robust=True)
