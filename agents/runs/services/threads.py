"""Queries from the threads of parallel branches."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


class Threads:
    """Knows the driver's thread. A branch's connection is closed after use, or it would outlive its thread."""

    def __init__(self) -> None:
        self.driver = threading.get_ident()

    @contextmanager
    def query(self) -> Iterator[None]:
        """Around every use of the database by a service."""
        try:
            yield
        finally:
            if threading.get_ident() != self.driver:
                connection.close()


class Undone(Threads):
    """Whatever a service writes is taken back at once: it may look, and nothing it does stays."""

    @contextmanager
    def query(self) -> Iterator[None]:
        with super().query(), transaction.atomic():
            yield
            transaction.set_rollback(True)
