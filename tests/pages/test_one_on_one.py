"""The daily talk with one agent: look, tell, ask."""

from importlib import import_module

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from agents.base.ids import uuid7
from agents.fleet.enums import OwnerRole, Vendor
from agents.fleet.models import Agent, Instruction, OneOnOne, Question, ReviewTime
from agents.flows.actions import equip
from agents.runs.actions import decide_review, raise_exception
from agents.runs.enums import DecisionKind, ExceptionKind, RunState
from tests.cast import Cast, make_agent
from tests.morning.stage import ago, review
from tests.pages.conftest import SignIn
from tests.pages.stage import HOSTILE, a_question, a_run

URL = "/agents/refund-agent/one-on-one/"
# Session, person, team, sidebar; agent; day, digest, waits, queued, schedules, targets, points, feedback; said, asked,
# rights, connection, round.
QUERIES = 18


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
    assert page.count("What became of the parcel?") == 1
    assert ("× 3" in page) is (times == 3), "what is the same again is one line"
    assert page.count(">Later<") == times
    assert "<script>alert" not in page


def test_of_more_than_are_read_the_page_says_that_there_are_more(
    cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        a_question(cast.agent, a_run(cast.agent, RunState.WAITING))
    client = sign_in(cast.owner)
    assert "× 3<" in client.get(URL).content.decode()
    monkeypatch.setattr(import_module("agents.runs.queries.one_on_one"), "READ", 2)
    assert "× 2+<" in client.get(URL).content.decode()


def test_feedback_becomes_the_next_version(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.owner)
    for text in ("Be brief", f"Sign with your name {HOSTILE}"):
        page = client.post(f"{URL}feedback/", {"text": text}, follow=True).content.decode()
    assert [each.number for each in Instruction.objects.order_by("number")] == [1, 2]
    assert "Said." in page
    assert "No run has been given this version yet." in page
    assert "<script>alert" not in page


def test_empty_feedback_comes_back(cast: Cast, sign_in: SignIn) -> None:
    assert sign_in(cast.owner).post(f"{URL}feedback/", {"text": " "}).status_code == 422
    assert not Instruction.objects.exists()


def test_an_agent_of_ours_is_asked_and_answers(cast: Cast, sign_in: SignIn, use_rehearsal: None) -> None:
    equip(cast.agent, actor=cast.owner)
    data = {"question": "What did you refuse last night?", "key": uuid7()}
    client = sign_in(cast.owner)
    for _twice in range(2):
        page = client.post(f"{URL}ask/", data, follow=True).content.decode()
    assert page.count("What did you refuse last night?") == 1
    assert "It says" in page
    assert Question.objects.get().user == cast.owner


def test_an_agent_that_cannot_be_asked_says_so_and_where_to_go(cast: Cast, sign_in: SignIn) -> None:
    cast.agent.vendor, cast.agent.vendor_url = Vendor.MANUAL, "https://vendor.example/agent"
    cast.agent.save()
    client = sign_in(cast.owner)
    page = client.get(URL).content.decode()
    assert "It cannot be asked from here." in page
    assert f'href="/agents/{cast.agent.slug}/visit/" rel="noreferrer noopener"' in page
    refused = client.post(f"{URL}ask/", {"question": "Well?", "key": uuid7()}, follow=True).content.decode()
    assert "offers no way to do this" in refused


def test_a_reader_sees_it_without_forms(cast: Cast, sign_in: SignIn) -> None:
    review(cast.agent, ago(hours=9))
    page = sign_in(cast.auditor).get(URL).content.decode()
    assert "one-on-one/feedback/" not in page
    assert "one-on-one/ask/" not in page
    assert "Review its day" not in page
    assert ">Its day<" in page


def test_htmx_gets_what_changes(cast: Cast, sign_in: SignIn) -> None:
    part = sign_in(cast.owner).get(URL, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "Waits for" in part


def test_a_quiet_agent_is_three_lines(cast: Cast, sign_in: SignIn) -> None:
    a_run(cast.agent, RunState.DONE)
    client = sign_in(cast.owner)
    page = client.get(URL).content.decode()
    assert "A quiet night" in page
    assert "Look closer" in page
    a_question(cast.agent, a_run(cast.agent, RunState.WAITING))
    assert "A quiet night" not in client.get(URL).content.decode()


def test_only_an_opened_talk_counts_for_coverage(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.owner)
    assert "1 of 1 · 0 met today" in client.get(URL).content.decode()
    for _twice in range(2):
        client.post(f"{URL}opened/", headers={"HX-Request": "true"})
    assert OneOnOne.objects.get().user == cast.owner
    page = client.get(URL).content.decode()
    assert "1 of 1 · 1 met today" in page
    assert "one-on-one/opened/" not in page
    assert sign_in(cast.auditor).post(f"{URL}opened/").status_code == 403


def test_the_round_goes_on_to_the_next_worst_agent(cast: Cast, sign_in: SignIn) -> None:
    seats = (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND)
    for slug in ("a-calm-one", "the-worst"):
        agent = make_agent(cast.team, slug, *seats)
    raise_exception(agent, kind=ExceptionKind.HANDOFF, title="Call back")
    page = sign_in(cast.owner).get("/agents/a-calm-one/one-on-one/").content.decode()
    assert "2 of 3" in page
    assert 'href="/agents/the-worst/one-on-one/" data-hotkey="p"' in page
    assert f'href="{URL}" data-hotkey="n"' in page


def test_the_round_begins_with_the_worst_agent_that_nobody_met(cast: Cast, sign_in: SignIn) -> None:
    make_agent(cast.team, "a-calm-one", (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND))
    a_question(cast.agent)
    client = sign_in(cast.owner)
    for slug in ("refund-agent", "a-calm-one"):
        assert client.get("/queue/round/").headers["Location"] == f"/agents/{slug}/one-on-one/"
        client.post(f"/agents/{slug}/one-on-one/opened/")
    assert client.get("/queue/round/").headers["Location"] == "/"


def test_a_day_that_was_decided_is_three_lines_again(cast: Cast, sign_in: SignIn) -> None:
    a_run(cast.agent, RunState.FAILED)
    day = review(cast.agent, ago(hours=9))
    client = sign_in(cast.owner)
    assert "Look closer" not in client.get(URL).content.decode()
    decide_review(day, actor=cast.owner, kind=DecisionKind.APPROVE)
    page = client.get(URL).content.decode()
    assert "Its day is decided" in page
    assert "1 failed" in page


def test_what_a_manual_agent_is_told_is_pasted_with_evidence_and_minutes(cast: Cast, sign_in: SignIn) -> None:
    Agent.objects.update(vendor=Vendor.MANUAL, vendor_url="https://vendor.example/agent")
    client = sign_in(cast.owner)
    client.post(f"{URL}feedback/", {"text": "Be brief"})
    assert "To paste by hand" in client.get(URL).content.decode()
    assert client.post(f"{URL}pasted/", {"evidence": " ", "minutes": 2}).status_code == 422
    page = client.post(f"{URL}pasted/", {"evidence": f"Saved {HOSTILE}", "minutes": 3}, follow=True).content.decode()
    assert "Pasted by hand" in page
    assert "<script>alert" not in page
    assert ReviewTime.objects.get().seconds == 180
