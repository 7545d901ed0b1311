"""Canaries: proof that somebody consumes each queue, which no process list and no ping can give."""

from django.db.models.functions import Now

from agents.runs.enums import Queue
from agents.runs.models import Canary
from agents.runs.wake import wire

PERISHES_S = 30.0
"""An unread canary leaves the queue after this long, so that they do not pile up behind a stuck worker."""


def send_canaries() -> None:
    """One through every queue."""
    for queue in Queue.values:
        Canary.objects.bulk_create([Canary(queue=queue)], ignore_conflicts=True)
        Canary.objects.filter(queue=queue).update(sent_at=Now())
        wire.send("runs.canary", [queue], queue, expires=PERISHES_S)


def see_canary(queue: str) -> None:
    """A worker received it."""
    Canary.objects.filter(queue=queue).update(seen_at=Now())
