"""Wake-up calls of the outbox, and forgetting what is kept for a while only."""

from celery import shared_task

from agents.base import outbox
from agents.base.replies import forget_replies


@shared_task(name="base.relay")  # type: ignore[untyped-decorator]
def relay() -> None:
    """After each commit that wrote a message, and every 10 s."""
    outbox.relay()


@shared_task(name="base.forget")  # type: ignore[untyped-decorator]
def forget() -> None:
    """Every hour."""
    forget_replies()
