"""The days of agents over the wire."""

import datetime as dt

from django.utils import timezone

from agents.runs.models import DailyReview
from tests.api.conftest import MakeMachine
from tests.cast import Cast


def a_day(cast: Cast) -> DailyReview:
    since = timezone.now() - dt.timedelta(hours=9)
    return DailyReview.objects.create(agent=cast.agent, day=since.date(), since=since)


def test_a_day_is_decided_once_and_the_late_one_hears_who_did(machine: MakeMachine, cast: Cast) -> None:
    path = f"/reviews/{a_day(cast).pk}/decisions"
    status, review = machine("owner").post(path, {"kind": "needs_change", "note": "Too long"})
    assert (status, review["state"], review["note"]) == (201, "needs_change", "Too long")
    assert review["decided_by"] == "amelia@northwind.example"
    status, problem = machine("second").post(path, {"kind": "approve"})
    assert (status, problem["code"]) == (409, "already_decided")
    assert "Amelia" in problem["detail"]


def test_days_are_listed_by_state(machine: MakeMachine, cast: Cast) -> None:
    a_day(cast)
    caller = machine("owner")
    [pending] = caller.get("/reviews?state=pending")[1]["items"]
    assert (pending["agent"], pending["decided_by"], pending["until"]) == ("refund-agent", None, None)
    assert caller.get("/reviews?state=approved")[1]["items"] == []


def test_a_skipped_day_needs_its_reason(machine: MakeMachine, cast: Cast) -> None:
    status, problem = machine("owner").post(f"/reviews/{a_day(cast).pk}/decisions", {"kind": "skip"})
    assert (status, list(problem["fields"])) == (422, ["note"])


def test_an_agent_is_told_something_and_the_versions_are_listed(machine: MakeMachine, cast: Cast) -> None:
    caller = machine("owner")
    for text in ("Be brief.", "Offer a call."):
        status, told = caller.post("/agents/refund-agent/instructions", {"text": text})
    assert (status, told["number"], told["text"]) == (201, 2, "Be brief.\nOffer a call.")
    listed = caller.get("/agents/refund-agent/instructions")[1]["items"]
    assert [each["number"] for each in listed] == [2, 1]
