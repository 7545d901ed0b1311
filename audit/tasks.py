"""Wake-up calls of the trail."""

from celery import shared_task

from audit import sealing


@shared_task(name="audit.seal")  # type: ignore[untyped-decorator]
def seal() -> None:
    """Every 10 s: what is said is soon provable."""
    sealing.seal()
