"""Runs over the wire: one ticket, five hundred, and what people do with them."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.fleet.models import Assignment, Flow, FlowVersion
from agents.runs.enums import RunState
from agents.runs.models import Run, Step
from tests.api.conftest import Machine, MakeMachine
from tests.cast import Cast

TICKET = {"text": "My refund has not come.", "customer": "Ann"}
RUNS = "/agents/refund-agent/runs"


@pytest.fixture
def owner(machine: MakeMachine, cast: Cast) -> Machine:
    """The owner's machine; the agent has something to run."""
    flow = Flow.objects.create(team=cast.team, slug="triage", name="Triage", pattern="sequential")
    version = FlowVersion.objects.create(flow=flow, number=1, graph={})
    Assignment.objects.create(agent=cast.agent, flow_version=version, run_cap_micros=1, day_cap_micros=1)
    return machine("owner")


def test_a_ticket_becomes_a_queued_run(owner: Machine) -> None:
    status, run = owner.post(RUNS, TICKET)
    assert (status, run["state"], run["agent"], run["input"]) == (201, "queued", "refund-agent", TICKET)
    assert owner.get(f"/runs/{run['id']}")[1]["steps"] == []


def test_the_same_external_id_is_the_same_run(owner: Machine) -> None:
    first, second = (owner.post(RUNS, {**TICKET, "external_id": "T-1"})[1] for _ in range(2))
    assert first == second
    assert Run.objects.count() == 1


def test_a_ticket_says_by_which_channel_it_came_and_when_an_answer_is_owed(owner: Machine) -> None:
    status, run = owner.post(RUNS, {**TICKET, "channel": "chat", "sla_minutes": 15})
    assert (status, run["input"]) == (201, {**TICKET, "channel": "chat"})
    assert run["created_at"] < run["answer_by"]
    for wrong in ({"channel": "fax"}, {"sla_minutes": 0}, {"sla_minutes": 43_201}):
        assert owner.post(RUNS, {**TICKET, **wrong})[0] == 422


def test_an_agent_with_nothing_to_run_says_so(machine: MakeMachine) -> None:
    status, problem = machine("owner").post(RUNS, TICKET)
    assert (status, problem["code"]) == (422, "nothing_to_run")


def test_one_bad_ticket_does_not_sink_the_others(owner: Machine) -> None:
    wrong: list[Any] = [{"text": ""}, "no ticket", {**TICKET, "queue": "fast"}, None]
    status, answer = owner.post(f"{RUNS}:batch", {"items": [TICKET, *wrong, {**TICKET, "external_id": "T-2"}]})
    assert (status, answer["started"], answer["refused"]) == (200, 2, 4)
    assert [result["status"] for result in answer["results"]] == [201, 422, 422, 422, 422, 201]
    assert answer["results"][3]["problem"]["fields"].keys() == {"queue"}
    assert Run.objects.count() == 2


@pytest.mark.parametrize("text", ["\x00", "a\x00b", "\ud800", "\udfff tail"])
def test_text_that_cannot_be_stored_sinks_only_its_own_ticket(owner: Machine, text: str) -> None:
    items = [TICKET, {"text": text}, {**TICKET, text: "x"}, text]
    status, answer = owner.post(f"{RUNS}:batch", {"items": items})
    assert (status, [result["status"] for result in answer["results"]]) == (200, [201, 422, 422, 422])
    assert answer["results"][1]["problem"]["fields"].keys() == {"text"}
    assert owner.post(f"{RUNS}:batch", {"items": [TICKET], "more": text})[0] == 422


def test_a_batch_sent_again_makes_no_second_run(owner: Machine) -> None:
    items = {"items": [{**TICKET, "external_id": f"T-{number}"} for number in range(20)]}
    first, second = (owner.post(f"{RUNS}:batch", items)[1] for _ in range(2))
    assert first == second
    assert Run.objects.count() == 20


@pytest.mark.parametrize("items", [[], [TICKET] * 501, "all of them"])
def test_a_batch_has_one_to_five_hundred_tickets(owner: Machine, items: Any) -> None:
    status, problem = owner.post(f"{RUNS}:batch", {"items": items})
    assert (status, list(problem["fields"])) == (422, ["items"])


def test_a_batch_of_somebody_who_may_not_is_refused_whole(machine: MakeMachine) -> None:
    assert machine("backup").post(f"{RUNS}:batch", {"items": [TICKET]})[0] == 403
    assert machine("rival").post(f"{RUNS}:batch", {"items": [TICKET]})[0] == 404


def test_a_run_is_paused_resumed_cancelled_and_run_again(owner: Machine) -> None:
    run = owner.post(RUNS, TICKET)[1]
    path = f"/runs/{run['id']}"
    assert owner.post(f"{path}/pause")[0] == 200
    assert owner.post(f"{path}/resume")[0] == 200
    assert owner.post(f"{path}/resume")[1]["code"] == "not_paused"
    assert owner.post(f"{path}/rerun")[0] == 409
    assert owner.post(f"{path}/cancel", {"reason": "Wrong customer"})[1]["state"] == "cancelled"
    assert owner.post(f"{path}/cancel", {})[0] == 409
    status, again = owner.post(f"{path}/rerun")
    assert (status, again["state"], again["input"]) == (201, "queued", TICKET)
    assert again["id"] != run["id"]


def test_a_run_is_released_from_quarantine_once(owner: Machine) -> None:
    run = owner.post(RUNS, TICKET)[1]
    Run.objects.update(state=RunState.QUARANTINED)
    assert owner.post(f"/runs/{run['id']}/release")[1]["state"] == "queued"
    assert owner.post(f"/runs/{run['id']}/release")[1]["code"] == "not_quarantined"


def test_lists_are_narrowed_and_cost_the_same_for_one_run_and_for_three(owner: Machine) -> None:
    owner.post(RUNS, TICKET)
    owner.get("/runs")
    with CaptureQueriesContext(connection) as one:
        owner.get("/runs")
    for _ in range(2):
        owner.post(RUNS, TICKET)
    with CaptureQueriesContext(connection) as three:
        assert len(owner.get("/runs")[1]["items"]) == 3
    assert len(one) == len(three) == 2
    assert len(owner.get("/runs?agent=refund-agent&state=queued")[1]["items"]) == 3
    assert owner.get("/runs?agent=rival-agent")[1] == {"items": [], "next_cursor": None}


def test_a_run_is_read_with_its_steps_in_order_in_three_queries(owner: Machine) -> None:
    run = owner.post(RUNS, TICKET)[1]
    for seq in (2, 1):
        Step.objects.create(run_id=run["id"], key=f"node-{seq}", seq=seq, node=f"node-{seq}", kind="function")
    with CaptureQueriesContext(connection) as queries:
        status, found = owner.get(f"/runs/{run['id']}")
    assert status == 200
    assert [step["key"] for step in found["steps"]] == ["node-1", "node-2"]
    assert len(queries) == 3
