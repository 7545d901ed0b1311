"""Wake-up calls: the deliveries are their own outbox."""

from celery import shared_task

from campaigns import actions


@shared_task(name="campaigns.deliver")  # type: ignore[untyped-decorator]
def deliver() -> None:
    actions.deliver()


@shared_task(name="campaigns.sweep")  # type: ignore[untyped-decorator]
def sweep() -> None:
    """What has run out ends, what was left behind goes on, who has not confirmed in time is reported."""
    actions.end_expired()
    actions.release_proved()
    actions.sweep()
    actions.watch()


@shared_task(name="campaigns.look")  # type: ignore[untyped-decorator]
def look() -> None:
    """Each minute: what was made on facts that no longer hold, and whether agents repeat what they were told."""
    actions.find_redos()
    actions.probe_due()
