import pytest

from tests.demo_days import Days, Rows, demo_days
from tests.model import use_rehearsal
from tests.rehearsal.fixtures import rehearsal, rehearsal_server

__all__ = ["demo_days", "rehearsal", "rehearsal_server", "use_rehearsal"]


@pytest.fixture
def night(db: None, demo_days: Days) -> Rows:
    """The demo as it is built: its night is still to come."""
    demo_days.night.put()
    return demo_days.night


@pytest.fixture
def morning(db: None, demo_days: Days) -> Rows:
    """The demo with its night collected."""
    demo_days.morning.put()
    return demo_days.morning
