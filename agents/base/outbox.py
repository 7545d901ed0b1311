"""Messages that must leave exactly because something was committed: mail, answers, webhook events.

They leave at least once, in order per key, with the message's id as the idempotency key; what fails comes again later.
"""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from celery import current_app
from django.db import transaction
from django.db.models.functions import Now

from agents.base.canonical import plain
from agents.base.faults import faultpoint
from agents.base.models import Outbox

Handler = Callable[[Outbox], None]
LEASE, SLOWEST = 60, 900
"""Seconds until a message whose relay died comes again, and the longest pause between two attempts."""
# MATERIALIZED: as a plain subquery the planner may run it once per row, and its LIMIT would then hold once per row.
CLAIM = f"""
WITH due AS MATERIALIZED (
  SELECT id FROM base_outbox o
  WHERE published_at IS NULL AND available_at <= now() AND NOT EXISTS (
    SELECT 1 FROM base_outbox earlier WHERE earlier.key = o.key AND earlier.published_at IS NULL AND earlier.id < o.id)
  ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE base_outbox o SET attempts = attempts + 1, available_at = now() + interval '{LEASE} s'
FROM due WHERE o.id = due.id RETURNING o.*
"""
log = structlog.get_logger("outbox")
_handlers: dict[str, Handler] = {}


def handler(topic: str) -> Callable[[Handler], Handler]:
    """Registers what sends a topic's messages, in `AppConfig.ready()`. It may see a message twice: use `message.id`."""

    def register(handle: Handler) -> Handler:
        if _handlers.setdefault(topic, handle) is not handle:
            raise ValueError(f"The topic {topic!r} has a handler already.")
        return handle

    return register


def enqueue(topic: str, key: str, payload: dict[str, Any]) -> Outbox:
    """Writes a message in the caller's transaction; those of one `key` leave in order. `KeyError`: unknown topic."""
    _handlers[topic]
    message = Outbox.objects.create(topic=topic, key=key, payload=plain(payload))
    # Only a hint: the beat relays every 10 s what this loses.
    transaction.on_commit(lambda: current_app.signature("base.relay").apply_async(queue="urgent"), robust=True)
    return message


def relay(limit: int = 500) -> int:
    """Sends what is due, at most `limit` messages; returns how many left. Several relays may run at once."""
    sent = 0
    for _ in range(limit):
        message = next(iter(Outbox.objects.raw(CLAIM)), None)
        if message is None:
            break
        sent += _send(message)
    return sent


def _send(message: Outbox) -> bool:
    faultpoint("relay.before_publish")
    try:
        _handlers[message.topic](message)
    except Exception as error:
        # Whatever a handler raises is kept on the row and tried again; it must not stop the other messages.
        log.warning("outbox.failed", topic=message.topic, id=str(message.pk), attempts=message.attempts, exc_info=True)
        _postpone(message, f"{type(error).__name__}: {error}")
        return False
    faultpoint("relay.after_publish")
    Outbox.objects.filter(pk=message.pk).update(published_at=Now(), error="")
    return True


def _postpone(message: Outbox, error: str) -> None:
    pause = min(2.0**message.attempts, SLOWEST) * random.uniform(0.5, 1)
    later = Now() + timedelta(seconds=pause)
    Outbox.objects.filter(pk=message.pk).update(error=error[:2000], available_at=later)
