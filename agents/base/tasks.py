"""Wake-up calls of the outbox."""

from celery import shared_task

from agents.base import outbox


@shared_task(name="base.relay")  # type: ignore[untyped-decorator]
def relay() -> None:
    """After each commit that wrote a message, and every 10 s."""
    outbox.relay()
