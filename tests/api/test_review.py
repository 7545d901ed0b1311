"""Deciding over the wire: the queue, answers, and who was faster."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agents.runs.actions import raise_exception
from agents.runs.enums import ExceptionKind, Severity
from agents.runs.models import Decision, RunException
from tests.api.conftest import Machine, MakeMachine
from tests.cast import Cast

SCHEMA = {"type": "object", "required": ["amount"], "properties": {"amount": {"type": "integer", "maximum": 100}}}


def _ask(cast: Cast, title: str = "How much?", **how: Any) -> RunException:
    return raise_exception(cast.agent, **{"kind": ExceptionKind.QUESTION, "title": title, **how})


def _items(caller: Machine, query: str = "") -> Iterator[dict[str, Any]]:
    cursor: str | None = ""
    while cursor is not None:
        status, page = caller.get(f"/queue?{query}" + (f"&cursor={cursor}" if cursor else ""))
        assert status == 200
        yield from page["items"]
        cursor = page["next_cursor"]


def test_the_queue_is_worst_first_then_oldest_first_across_pages(machine: MakeMachine, cast: Cast) -> None:
    for title, severity in (("a", Severity.LOW), ("b", Severity.HIGH), ("c", Severity.LOW), ("d", Severity.HIGH)):
        _ask(cast, title, severity=severity)
    assert [item["title"] for item in _items(machine("owner"), "limit=1")] == ["b", "d", "a", "c"]


def test_the_queue_shows_what_is_decided_only_when_asked(machine: MakeMachine, cast: Cast) -> None:
    caller, asked = machine("owner"), _ask(cast)
    caller.post(f"/exceptions/{asked.pk}/answers", {"answer": "Two", "note": ""})
    assert list(_items(caller)) == []
    assert [item["exception_id"] for item in _items(caller, "state=decided")] == [str(asked.pk)]


def test_an_answer_that_fits_its_schema_resolves_the_exception(machine: MakeMachine, cast: Cast) -> None:
    caller, asked = machine("second"), _ask(cast, schema=SCHEMA)
    status, problem = caller.post(f"/exceptions/{asked.pk}/answers", {"answer": {"amount": 101}})
    assert (status, problem["code"], list(problem["fields"])) == (422, "answer_schema", ["amount"])
    status, decision = caller.post(f"/exceptions/{asked.pk}/answers", {"answer": {"amount": 7}})
    assert (status, decision["kind"], decision["actor"]) == (201, "respond", "dev@northwind.example")
    assert caller.get(f"/exceptions/{asked.pk}")[1]["answer"] == {"amount": 7}


def test_a_late_decision_says_who_was_faster(machine: MakeMachine, cast: Cast) -> None:
    path = f"/review-items/{_ask(cast).item.pk}/decisions"
    assert machine("owner").post(path, {"kind": "respond", "note": "Two"})[0] == 201
    status, problem = machine("second").post(path, {"kind": "respond", "note": "Three"})
    assert (status, problem["code"]) == (409, "already_decided")
    assert "Amelia" in problem["detail"]
    assert Decision.objects.count() == 1


def test_what_is_approved_is_what_was_seen(machine: MakeMachine, cast: Cast) -> None:
    asked = _ask(cast, kind=ExceptionKind.APPROVAL, proposal={"tool": "refund", "amount_micros": 5})
    path, caller = f"/review-items/{asked.item.pk}/decisions", machine("owner")
    assert caller.post(path, {"kind": "approve"})[1]["code"] == "changed"
    seen = caller.get(f"/exceptions/{asked.pk}")[1]["proposal_sha256"]
    assert caller.post(path, {"kind": "approve", "proposal_sha256": seen})[0] == 201


def test_a_decision_is_taken_back_until_its_effect_has_left(machine: MakeMachine, cast: Cast, settings: Any) -> None:
    settings.DECISION_GRACE = 60
    caller, asked = machine("owner"), _ask(cast)
    _status, decision = caller.post(f"/review-items/{asked.item.pk}/decisions", {"kind": "respond", "note": "Two"})
    assert (decision["state"], decision["releases_at"] > decision["at"]) == ("pending", True)
    assert caller.post(f"/decisions/{decision['id']}/undo", {})[1]["state"] == "undone"
    assert [item["exception_id"] for item in _items(caller)] == [str(asked.pk)]
    assert machine("rival").post(f"/decisions/{decision['id']}/undo", {})[0] == 404


def test_an_expired_approval_counts_as_denied(machine: MakeMachine, cast: Cast) -> None:
    past = timezone.now() - dt.timedelta(seconds=1)
    asked = _ask(cast, kind=ExceptionKind.APPROVAL, proposal={"tool": "refund"}, expires_at=past)
    body = {"kind": "approve", "proposal_sha256": asked.proposal_sha256}
    status, problem = machine("owner").post(f"/review-items/{asked.item.pk}/decisions", body)
    assert (status, problem["code"]) == (409, "expired")


def test_skipping_wants_a_reason_and_an_unknown_decision_is_named(machine: MakeMachine, cast: Cast) -> None:
    path, caller = f"/review-items/{_ask(cast).item.pk}/decisions", machine("owner")
    assert list(caller.post(path, {"kind": "skip"})[1]["fields"]) == ["note"]
    assert list(caller.post(path, {"kind": "burn"})[1]["fields"]) == ["kind"]
    assert caller.post(path, {"kind": "skip", "note": "Tomorrow"})[0] == 201


@pytest.mark.parametrize(("role", "status"), [("trainee", 403), ("auditor", 403), ("rival", 404), ("manager", 404)])
def test_only_reviewers_decide(machine: MakeMachine, cast: Cast, role: str, status: int) -> None:
    asked = _ask(cast)
    assert machine(role).post(f"/review-items/{asked.item.pk}/decisions", {"kind": "respond", "note": "x"})[0] == status
    assert machine(role).post(f"/exceptions/{asked.pk}/answers", {"answer": "x"})[0] == status


def test_exceptions_cost_the_same_queries_for_one_and_for_three(machine: MakeMachine, cast: Cast) -> None:
    caller = machine("owner")
    _ask(cast)
    caller.get("/exceptions")
    with CaptureQueriesContext(connection) as one:
        caller.get("/exceptions?state=open")
    for title in "bc":
        _ask(cast, title)
    with CaptureQueriesContext(connection) as three:
        assert len(caller.get("/exceptions?state=open")[1]["items"]) == 3
    assert len(one) == len(three) == 3
