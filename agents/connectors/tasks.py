"""Wake-up calls: an id in, an action called. The rows are the truth."""

import uuid

from celery import shared_task
from django.utils import timezone

from agents.connectors import actions
from agents.connectors.actions.syncing import due, sync_by_id
from agents.runs.enums import Queue
from agents.runs.wake import wire


@shared_task(name="connectors.sync_due")  # type: ignore[untyped-decorator]
def sync_due() -> None:
    """Wakes a worker for each connection whose hour has come; which of them takes it, its row decides."""
    for pk in due(timezone.now()):
        wire.send("connectors.sync", [str(pk)], Queue.BULK)


@shared_task(name="connectors.sync")  # type: ignore[untyped-decorator]
def sync(connection_id: str) -> None:
    sync_by_id(uuid.UUID(connection_id))


@shared_task(name="connectors.tend")  # type: ignore[untyped-decorator]
def tend() -> None:
    """Who has fallen silent, and who must be looked at by hand today."""
    actions.watch_silence()
    actions.open_check_ins()


@shared_task(name="connectors.parse")  # type: ignore[untyped-decorator]
def parse(event_id: str) -> None:
    """Right after an event was kept."""
    actions.parse(uuid.UUID(event_id))


@shared_task(name="connectors.parse_due")  # type: ignore[untyped-decorator]
def parse_due() -> None:
    """Every 10 s: what the wake-up did not reach."""
    actions.parse_inbox()
