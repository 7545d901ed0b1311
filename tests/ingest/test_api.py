"""Reporting runs over the wire."""

from typing import Any

import pytest
from django.db import OperationalError, connection

from agents.runs.models import Run, Step
from tests.api.conftest import MakeMachine, machine
from tests.cast import Cast
from tests.ingest.documents import a_run, a_waiting_run

__all__ = ["machine"]
AGENT = {"agent": "refund-agent"}


def test_a_run_is_reported_once(machine: MakeMachine) -> None:
    owner = machine("owner")
    status, told = owner.post("/runs", {**AGENT, **a_run()})
    assert (status, told["outcome"], told["steps"]) == (201, "created", 3)
    assert owner.post("/runs", {**AGENT, **a_run()}) == (200, {**told, "outcome": "duplicate", "steps": 0})
    assert [step["node"] for step in owner.get(f"/runs/{told['id']}")[1]["steps"]] == [
        "customer",
        "look_up",
        "assistant",
    ]


def test_an_idempotency_key_gets_the_first_answer_again(machine: MakeMachine) -> None:
    owner, key = machine("owner"), {"Idempotency-Key": "k"}
    first = owner.post("/runs", {**AGENT, **a_run()}, **key)
    assert owner.post("/runs", {**AGENT, **a_run()}, **key) == first
    assert owner.post("/runs", {**AGENT, **a_run("R-2")}, **key)[0] == 409


def test_a_machine_hears_what_people_answered(machine: MakeMachine) -> None:
    owner = machine("owner")
    _status, told = owner.post("/runs", {**AGENT, **a_waiting_run()})
    [asked] = owner.get("/exceptions")[1]["items"]
    assert (asked["run_id"], asked["state"]) == (told["id"], "open")
    decision = {"kind": "approve", "proposal_sha256": asked["proposal_sha256"]}
    assert owner.post(f"/review-items/{asked['item_id']}/decisions", decision)[0] == 201
    assert owner.get(f"/exceptions/{asked['id']}")[1]["answer"]["decision"] == "approve"
    assert owner.get(f"/runs/{told['id']}")[1]["state"] == "running"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "malformed"),
        (b'{"agent": "\xe9"}', 400, "encoding"),
        ('{"agent": "refund-agent"}'.encode("utf-16"), 400, "encoding"),
        (b"[" * 1000, 400, "too_deep"),
        (b'{"agent": ' + b"[" * 64 + b"]" * 64 + b"}", 400, "too_deep"),
        (b'{"agent": NaN}', 400, "malformed"),
        (b'{"agent": 1e999}', 400, "malformed"),
        (b'{"agent": "a", "agent": "b"}', 400, "malformed"),
        (b"[]", 400, "not_an_object"),
        (b'"run"', 400, "not_an_object"),
        (b"null", 400, "not_an_object"),
        (b'{"x": [' + b"0," * 999_999 + b"0]}", 413, "too_many_items"),
        (b'{"agent": "rival-agent", "external_id": "1"}', 404, "not_found"),
        (b'{"agent": ["refund-agent"]}', 404, "not_found"),
        (b'{"agent": "refund-agent", "external_id": "1", "status": "done!!"}', 422, "bad_run"),
        (b'{"agent": "refund-agent", "external_id": "' + b"x" * 5000 + b'"}', 422, "bad_run"),
        (b'{"agent": "refund-agent", "external_id": "1", "asks": [7]}', 422, "bad_run"),
        (b'{"agent": "refund-agent", "external_id": "1", "asks": [{"action_request": 7}]}', 422, "bad_run"),
    ],
)
def test_what_cannot_be_taken_is_named(machine: MakeMachine, body: bytes, status: int, code: str) -> None:
    got, problem = machine("owner").post("/runs", body)
    assert (got, problem["code"]) == (status, code)
    assert (problem["request_id"], Run.objects.count()) != ("", 1)


def test_what_is_too_large_is_refused_before_it_is_read(machine: MakeMachine) -> None:
    owner = machine("owner")
    response = owner.client.generic(
        "POST", "/api/v1/runs", b"{}", content_type="application/json", headers={"Content-Length": str(21 * 2**20)}
    )
    assert (response.status_code, response.json()["code"]) == (413, "too_large")
    assert owner.client.post("/api/v1/runs", "{}", content_type="text/plain").status_code == 415


def test_zero_bytes_are_replaced_and_flagged(machine: MakeMachine) -> None:
    status, told = machine("owner").post("/runs", {**AGENT, **a_run(title="a\x00b \ud800")})
    assert status == 201
    run = Run.objects.get(pk=told["id"])
    assert (run.title, run.flags) == ("a�b �", ["text_replaced"])


def test_a_batch_answers_about_each(machine: MakeMachine, cast: Cast) -> None:
    items: list[Any] = [
        {**AGENT, **a_run()},
        {"agent": "rival-agent", **a_run()},
        {**AGENT, **a_run("R-2", status="done!!")},
        "a run",
        {**AGENT, **a_run("R-3")},
        {**AGENT, **a_run()},
    ]
    status, told = machine("owner").post("/runs:batch", {"items": items})
    assert (status, told["created"], told["duplicate"], told["rejected"]) == (200, 2, 1, 3)
    assert [each["status"] for each in told["results"]] == [201, 404, 422, 404, 201, 200]
    assert Step.objects.count() == 6


def test_a_batch_is_not_endless(machine: MakeMachine) -> None:
    endless: list[Any] = [[], [{}] * 1001, {}]
    for items in endless:
        assert machine("owner").post("/runs:batch", {"items": items})[0] == 422


def test_who_may_only_look_reports_nothing(machine: MakeMachine) -> None:
    status, told = machine("auditor").post("/runs:batch", {"items": [{**AGENT, **a_run()}]})
    assert (status, told["results"][0]["status"], Run.objects.count()) == (200, 403, 0)
    assert machine("auditor").post("/runs", {**AGENT, **a_run()})[0] == 403


def test_a_database_that_is_away(machine: MakeMachine) -> None:
    owner = machine("owner")

    def away(*_args: Any) -> None:
        raise OperationalError("the server closed the connection unexpectedly")

    with connection.execute_wrapper(away):
        status, problem = owner.post("/runs", {**AGENT, **a_run()})
    assert (status, problem["code"]) == (503, "unavailable")
