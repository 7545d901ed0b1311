"""Queries from the threads of parallel branches."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


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
