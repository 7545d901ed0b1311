"""What triage is given: refused in plain words where no run could be made of it."""

import datetime as dt
from typing import Any

import pytest
from pytest_django import Settings

from agents.base.errors import Invalid
from agents.fleet.actions import add_schedule
from agents.fleet.models import Schedule
from agents.flows.actions import equip
from agents.runs.actions import fire_schedules, start_run
from agents.runs.models import Run
from tests.cast import Cast

pytestmark = pytest.mark.django_db
BAD: list[tuple[dict[str, Any], str, str]] = [
    ({}, "text", "This is missing."),
    ({"text": ""}, "text", "This is empty."),
    ({"text": " \n"}, "text", "This is empty."),
    ({"text": "x" * 20_001}, "text", "This is longer than 20000 characters."),
    ({"text": 7}, "text", "This is not of the kind that is asked for."),
    ({"text": "Where?", "customer": ["Kim"]}, "customer", "This is not of the kind that is asked for."),
]


@pytest.fixture(autouse=True)
def _equipped(cast: Cast, settings: Settings) -> None:
    settings.MODEL_IS_REHEARSAL = True
    equip(cast.agent, actor=cast.owner)


@pytest.mark.parametrize(("given", "field", "said"), BAD)
def test_no_run_is_made_of_what_is_no_ticket(cast: Cast, given: dict[str, Any], field: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        start_run(cast.agent, actor=cast.owner, input=given)
    assert (refused.value.code, refused.value.fields) == ("bad_input", {field: [said]})
    assert not Run.objects.exists()


def test_a_schedule_without_a_ticket_is_refused(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        add_schedule(cast.agent, actor=cast.owner, local_time="02:30")
    assert refused.value.fields == {"text": ["This is missing."]}
    assert not Schedule.objects.exists()


def test_a_schedule_with_a_ticket_starts_a_run_on_it(cast: Cast) -> None:
    ticket = {"text": "What is still open?"}
    schedule = add_schedule(cast.agent, actor=cast.owner, local_time="02:30", zone="UTC", input=ticket)
    Schedule.objects.filter(pk=schedule.pk).update(created_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    (run,) = fire_schedules(dt.datetime(2026, 1, 15, 2, 31, tzinfo=dt.UTC))
    assert run.input == ticket


def test_an_agent_is_not_given_a_flow_that_its_schedules_cannot_feed(cast: Cast) -> None:
    cast.agent.assignment.delete()
    add_schedule(cast.agent, actor=cast.owner, local_time="02:30")
    with pytest.raises(Invalid, match="02:30"):
        equip(cast.agent, actor=cast.owner)
    Schedule.objects.update(enabled=False)
    equip(cast.agent, actor=cast.owner)
