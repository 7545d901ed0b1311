"""Wake-up calls of the fleet."""

import structlog
from celery import shared_task

from agents.fleet.actions.vectors import embed_passages
from agents.fleet.embedding import NoVectors

log = structlog.get_logger("embedding")


@shared_task(name="fleet.embed")  # type: ignore[untyped-decorator]
def embed() -> None:
    """Every minute, where an embedding endpoint is given; what fails comes again with the next."""
    try:
        embed_passages()
    except NoVectors as error:
        log.warning("embedding.failed", why=str(error))
