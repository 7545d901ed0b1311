"""One world for all of a module's tests."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.matrix.world import World, undone


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Made once: what each request writes is taken back."""
    with django_db_blocker.unblock(), undone():
        yield World()
