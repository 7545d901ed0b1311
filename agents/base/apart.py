"""Many things in a row, each by itself."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, transaction

log = logging.getLogger(__name__)
PASSING = (OperationalError, InterfaceError, SoftTimeLimitExceeded)
"""What is no fault of one of them: whoever looks next finds them all as they were."""


@contextmanager
def apart(what: str, which: object) -> Iterator[None]:
    """A transaction for one of many: what fails is logged and undone, and the others have their turn.

    PASSING passes through: a lost database, and the word that the task has taken too long.
    """
    try:
        with transaction.atomic():
            yield
    except PASSING:
        raise
    except Exception:
        log.exception("Could not %s: %s", what, which)
