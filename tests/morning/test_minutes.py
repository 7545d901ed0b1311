"""The minutes a review costs are those somebody was really there."""

import datetime as dt

import pytest
from django.utils import timezone

from agents.base.errors import NotAllowed
from agents.fleet.enums import OwnerRole
from agents.fleet.models import ReviewTime
from agents.runs.actions import note_activity
from tests.cast import Cast, make_agent


def a_while_ago(seconds: float) -> None:
    ReviewTime.objects.update(last_at=timezone.now() - dt.timedelta(seconds=seconds))


def test_beats_add_up(cast: Cast) -> None:
    assert note_activity(cast.owner, cast.agent, 15) == 15
    a_while_ago(15)
    assert note_activity(cast.owner, cast.agent, 15) == 30


@pytest.mark.parametrize(("claimed", "counted"), [(3600, 60), (-5, 0)])
def test_a_beat_counts_for_a_minute_at_most_and_never_backwards(cast: Cast, claimed: int, counted: int) -> None:
    assert note_activity(cast.owner, cast.agent, claimed) == counted


def test_two_open_pages_are_still_one_person(cast: Cast) -> None:
    other = make_agent(cast.team, "other", (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND))
    note_activity(cast.owner, cast.agent, 15)
    a_while_ago(5)
    assert note_activity(cast.owner, other, 15) == 5
    assert note_activity(cast.second, other, 15) == 15


def test_strangers_leave_no_minutes(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        note_activity(cast.rival, cast.agent, 15)
