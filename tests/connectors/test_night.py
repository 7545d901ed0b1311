"""The whole night by one command: our runs, other people's, silence, check-ins, reviews, ranks."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from agents.fleet.enums import OwnerRole, Vendor
from agents.runs.models import DailyReview, ReviewItem, Run
from tests.cast import Cast, make_agent
from tests.connectors.connected import connect
from tests.rehearsal.fixtures import Rehearsal


@pytest.mark.usefixtures("use_rehearsal")
def test_a_night_leaves_a_morning_behind_and_again_adds_nothing(cast: Cast, rehearsal: Rehearsal) -> None:
    seats = (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND)
    connect(make_agent(cast.team, "piper", *seats), Vendor.QUALIFIED, rehearsal)
    connect(make_agent(cast.team, "broken", *seats), Vendor.MONACO, rehearsal, seed="wrong")
    manual = make_agent(cast.team, "by-hand", *seats)
    manual.vendor = Vendor.MANUAL
    manual.save()
    said = [_night() for _ in range(2)]
    assert "connections: 2 synced, 1 failed" in said[0]
    assert "check_ins: 1 opened" in said[0]
    assert "check_ins: 0 opened" in said[1]
    assert "connections: 2 synced, 1 failed, 0 runs new" in said[1]
    assert Run.objects.filter(agent__slug="piper").count() > 4
    assert DailyReview.objects.count() == 4
    assert not ReviewItem.objects.filter(rank=0).exists()


def _night() -> str:
    out = StringIO()
    call_command("run_night", "--team", "northwind", stdout=out)
    return out.getvalue()


def test_an_unknown_team_is_said_to_be_unknown(db: None) -> None:
    with pytest.raises(CommandError, match="no team called nobody"):
        call_command("run_night", "--team", "nobody")
