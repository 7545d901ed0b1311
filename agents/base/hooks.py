"""What lower layers tell upper ones: subscribers register in `AppConfig.ready()`."""

from collections.abc import Callable

from django.db import transaction

changed: list[Callable[[str], None]] = []
"""Called after commit with the name of what changed ("runs", "fleet"…). Best effort: open pages also poll."""


def notify(name: str) -> None:
    """Tells every subscriber once this transaction is committed; their errors are logged and never reach the caller."""
    for subscriber in changed:
        transaction.on_commit(lambda tell=subscriber: tell(name), robust=True)  # type: ignore[misc]
