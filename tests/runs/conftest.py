"""Every test starts with nothing called and nothing armed."""

from collections.abc import Iterator

import pytest

from agents.base import faults
from agents.runs.wake import wire
from tests.runs import toys


@pytest.fixture(autouse=True)
def clean_toys() -> Iterator[None]:
    toys.CALLS.clear()  # tests of other folders run toys too, and none of them counts
    yield
    toys.MEANWHILE.clear()
    faults.arm("")
    wire.silent_until = 0.0
