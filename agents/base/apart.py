"""Many things in a row, each by itself."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError, transaction

log = logging.getLogger(__name__)


@contextmanager
def apart(what: str, which: object) -> Iterator[None]:
    """A transaction for one of many: what fails is logged and undone, and the others have their turn.

    A lost database passes through: whoever looks next finds them all as they were.
    """
    try:
        with transaction.atomic():
            yield
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("Could not %s: %s", what, which)
