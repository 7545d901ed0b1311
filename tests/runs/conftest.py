"""Every test starts with nothing called and nothing armed."""

from collections.abc import Iterator

import pytest

from agents.base import faults
from tests.runs import toys


@pytest.fixture(autouse=True)
def clean_toys() -> Iterator[None]:
    toys.CALLS.clear()  # tests of other folders run toys too, and none of them counts
    toys.MEANWHILE.clear()
    faults.arm("")
    yield
    toys.MEANWHILE.clear()
    faults.arm("")
