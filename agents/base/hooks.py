"""What lower layers tell upper ones: subscribers register in `AppConfig.ready()`."""

import logging
from collections.abc import Callable
from functools import partial

from django.db import connection, transaction

log = logging.getLogger(__name__)
changed: list[Callable[[str], None]] = []
"""Called after commit with the name of what changed ("runs", "fleet"…). Best effort: open pages also poll."""


def notify(name: str) -> None:
    """Tells every subscriber once this transaction is committed; their errors are logged and never reach the caller.

    Outside one at once: to ask Django would be to wait for what is on its way.
    """
    if connection.in_atomic_block:
        transaction.on_commit(partial(_tell, name))
    else:
        _tell(name)


def _tell(name: str) -> None:
    for subscriber in changed:
        try:
            subscriber(name)
        except Exception:
            log.exception("Nobody was told that %s changed", name)
