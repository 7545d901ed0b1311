"""The agent with no interface: each day somebody looks, and what they saw counts like any other night."""

import datetime as dt

import pytest
from django.utils import timezone

from agents.base.errors import Invalid
from agents.base.ids import uuid7
from agents.connectors.actions import complete_check_in, open_check_ins
from agents.fleet.enums import Lifecycle, Vendor
from agents.fleet.models import Agent, ReviewTime
from agents.runs.enums import ExceptionState
from agents.runs.models import Output, RunException
from tests.cast import Cast
from tests.pages.conftest import SignIn, sign_in

__all__ = ["sign_in"]


@pytest.fixture
def check_in(cast: Cast) -> RunException:
    cast.agent.vendor, cast.agent.vendor_url = Vendor.MANUAL, "https://vendor.example/x"
    cast.agent.save()
    [exception] = open_check_ins()
    return exception


def test_a_day_has_one_check_in_and_an_open_one_is_enough(check_in: RunException) -> None:
    assert check_in.evidence["deep_link"] == "https://vendor.example/x"
    assert open_check_ins() == []
    assert open_check_ins(timezone.now() + dt.timedelta(days=1)) == []


def test_nobody_looks_at_an_agent_that_is_not_at_work(cast: Cast) -> None:
    Agent.objects.filter(pk=cast.agent.pk).update(vendor=Vendor.MANUAL, lifecycle=Lifecycle.PAUSED)
    assert open_check_ins() == []


def test_a_check_in_becomes_a_run_with_its_minutes(cast: Cast, check_in: RunException) -> None:
    for _ in range(2):
        complete_check_in(check_in, actor=cast.owner, evidence="Sent 40 mails", minutes=6, key="k")
    check_in.refresh_from_db()
    assert check_in.state == ExceptionState.RESOLVED
    assert (check_in.answer or {})["minutes"] == 6
    assert Output.objects.get(run__agent=cast.agent).content == "Sent 40 mails"
    assert ReviewTime.objects.get(user=cast.owner, agent=cast.agent).seconds == 360
    assert open_check_ins() == []
    assert len(open_check_ins(timezone.now() + dt.timedelta(days=1))) == 1


@pytest.mark.parametrize(("evidence", "minutes"), [("", 6), ("Seen", -1), ("Seen", 100_000)])
def test_a_check_in_says_what_was_seen_and_for_how_long(
    cast: Cast, check_in: RunException, evidence: str, minutes: int
) -> None:
    with pytest.raises(Invalid):
        complete_check_in(check_in, actor=cast.owner, evidence=evidence, minutes=minutes, key="k")


def test_a_check_in_is_filled_in_on_its_page_with_the_way_to_the_agents_own(
    cast: Cast, check_in: RunException, sign_in: SignIn
) -> None:
    client = sign_in(cast.owner)
    page = client.get(f"/exceptions/{check_in.pk}/").content.decode()
    assert f'href="/agents/{cast.agent.slug}/visit/"' in page
    assert all(label in page for label in ("I looked at its page", "What you saw", "Minutes it took"))
    filled = {"answer-f0": "true", "answer-f1": "6", "answer-f2": "Sent 40 mails"}  # jsonb: shortest name first
    client.post(f"/exceptions/{check_in.pk}/decide/", {"kind": "respond", "key": uuid7(), "note": "", **filled})
    assert ReviewTime.objects.get(user=cast.owner).seconds == 360
