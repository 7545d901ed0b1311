"""The daily talk with one agent: look, tell, ask."""

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from agents.base.ids import uuid7
from agents.fleet.enums import Vendor
from agents.fleet.models import Instruction
from agents.flows.actions import equip
from agents.runs.enums import RunState
from tests.cast import Cast
from tests.pages.conftest import SignIn
from tests.pages.stage import HOSTILE, a_question, a_run

URL = "/agents/refund-agent/one-on-one/"
# Session, person, team, sidebar; agent; day, digest, waits, queued, schedules, targets, points, feedback; said, rights,
# connection.
QUERIES = 16


@pytest.mark.parametrize("times", [1, 3])
def test_the_page_costs_the_same_however_much_happened(
    cast: Cast, sign_in: SignIn, times: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(times):
        a_question(cast.agent, a_run(cast.agent, RunState.WAITING))
        a_run(cast.agent, RunState.QUEUED, title="Later")
    client = sign_in(cast.owner)
    client.get(URL)  # what Django keeps per process is not counted
    with django_assert_num_queries(QUERIES):
        page = client.get(URL).content.decode()
    assert page.count("What became of the parcel?") == times
    assert page.count(">Later<") == times
    assert "<script>alert" not in page


def test_feedback_becomes_the_next_version(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.owner)
    for text in ("Be brief", f"Sign with your name {HOSTILE}"):
        page = client.post(f"{URL}feedback/", {"text": text}, follow=True).content.decode()
    assert [each.number for each in Instruction.objects.order_by("number")] == [1, 2]
    assert "Said. It holds from the next run on." in page
    assert "No run has been given this version yet." in page
    assert "<script>alert" not in page


def test_empty_feedback_comes_back(cast: Cast, sign_in: SignIn) -> None:
    assert sign_in(cast.owner).post(f"{URL}feedback/", {"text": " "}).status_code == 422
    assert not Instruction.objects.exists()


def test_an_agent_of_ours_is_asked_and_answers(cast: Cast, sign_in: SignIn, use_rehearsal: None) -> None:
    equip(cast.agent, actor=cast.owner)
    data = {"question": "What did you refuse last night?", "key": uuid7()}
    page = sign_in(cast.owner).post(f"{URL}ask/", data)
    assert page.status_code == 200
    assert "It says" in page.content.decode()


def test_an_agent_that_cannot_be_asked_says_so_and_where_to_go(cast: Cast, sign_in: SignIn) -> None:
    cast.agent.vendor, cast.agent.vendor_url = Vendor.MANUAL, "https://vendor.example/agent"
    cast.agent.save()
    client = sign_in(cast.owner)
    page = client.get(URL).content.decode()
    assert "It cannot be asked from here." in page
    assert 'href="https://vendor.example/agent" rel="noreferrer noopener"' in page
    refused = client.post(f"{URL}ask/", {"question": "Well?", "key": uuid7()}).content.decode()
    assert "offers no way to do this" in refused


def test_a_reader_sees_it_without_forms(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.auditor).get(URL).content.decode()
    assert "one-on-one/feedback/" not in page
    assert "one-on-one/ask/" not in page


def test_htmx_gets_what_changes(cast: Cast, sign_in: SignIn) -> None:
    part = sign_in(cast.owner).get(URL, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "Waits for" in part
