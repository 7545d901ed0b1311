"""Many things in a row, each by itself."""

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError

from agents.base.apart import apart

pytestmark = pytest.mark.django_db


def test_what_fails_for_one_leaves_the_others_their_turn() -> None:
    done = []
    for number in range(3):
        with apart("count", number):
            assert number != 1
            done.append(number)
    assert done == [0, 2]


@pytest.mark.parametrize("passing", [OperationalError, InterfaceError, SoftTimeLimitExceeded])
def test_a_lost_database_and_a_task_that_took_too_long_end_it_for_all(passing: type[Exception]) -> None:
    with pytest.raises(passing), apart("count", 1):
        raise passing
