"""Agents and owners over the wire: the same rules as on the pages."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.fleet.enums import Lifecycle, OwnerRole
from agents.fleet.models import Agent
from audit.models import AuditEvent
from tests.api.conftest import MakeMachine
from tests.cast import Cast, make_agent

NEW: dict[str, Any] = {
    "slug": "invoice-agent",
    "name": "Invoice agent",
    "vendor": "artisan",
    "function": "billing",
    "owners": [{"email": "amelia@northwind.example", "role": "primary"}],
}
TWO = [*NEW["owners"], {"email": "dev@northwind.example", "role": "second"}]


def test_an_agent_is_read_with_its_owners_primary_first(machine: MakeMachine) -> None:
    status, agent = machine("auditor").get("/agents/refund-agent")
    assert status == 200
    assert agent["lifecycle"] == "live"
    assert [owner["role"] for owner in agent["owners"]] == ["primary", "second", "backup", "trainee"]


def test_a_list_costs_the_same_queries_for_one_agent_and_for_three(machine: MakeMachine, cast: Cast) -> None:
    caller = machine("chief", "read")
    caller.get("/agents")
    with CaptureQueriesContext(connection) as one:
        caller.get("/agents")
    for number in range(2):
        make_agent(cast.team, f"more-{number}", (cast.owner, OwnerRole.PRIMARY), (cast.second, OwnerRole.SECOND))
    with CaptureQueriesContext(connection) as three:
        status, page = caller.get("/agents")
    assert (status, len(page["items"])) == (200, 3)
    assert len(one) == len(three) == 3


def test_pages_follow_each_other_without_a_gap_or_a_double(machine: MakeMachine, cast: Cast) -> None:
    for number in range(4):
        make_agent(cast.team, f"more-{number}", lifecycle=Lifecycle.ONBOARDING)
    caller, seen, cursor = machine("chief"), [], ""
    while True:
        status, page = caller.get(f"/agents?limit=2{cursor}")
        assert status == 200
        seen += [agent["slug"] for agent in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == ["more-3", "more-2", "more-1", "more-0", "refund-agent"]


@pytest.mark.parametrize(("query", "found"), [("lifecycle=live", 1), ("lifecycle=retired", 0), ("vendor=artisan", 0)])
def test_a_list_is_narrowed_by_what_its_agents_are(machine: MakeMachine, query: str, found: int) -> None:
    status, page = machine("owner").get(f"/agents?{query}")
    assert (status, len(page["items"])) == (200, found)


def test_an_agent_is_made_edited_and_taken_live(machine: MakeMachine) -> None:
    caller = machine("chief")
    status, made = caller.post("/agents", {**NEW, "owners": TWO, "running_since": "2025-01-31"})
    assert (status, made["lifecycle"], made["version"]) == (201, "onboarding", 1)
    status, edited = caller.call("PATCH", "/agents/invoice-agent", {"purpose": "Chases late payers"})
    assert (status, edited["purpose"], edited["name"], edited["version"]) == (
        200,
        "Chases late payers",
        "Invoice agent",
        2,
    )
    status, live = caller.post("/agents/invoice-agent/go-live")
    assert (status, live["lifecycle"]) == (200, "live")
    assert set(AuditEvent.objects.filter(agent_id=live["id"]).values_list("verb", flat=True)) >= {
        "agent.created",
        "agent.edited",
        "agent.went_live",
    }


def test_an_edit_of_an_older_version_is_refused_and_overwrites_nothing(machine: MakeMachine) -> None:
    caller = machine("owner")
    caller.call("PATCH", "/agents/refund-agent", {"name": "First"})
    status, problem = caller.call("PATCH", "/agents/refund-agent", {"name": "Second", "version": 1})
    assert (status, problem["code"]) == (409, "edited_meanwhile")
    assert caller.get("/agents/refund-agent")[1]["name"] == "First"


@pytest.mark.parametrize(
    "wrong",
    [
        {"purpose": None},
        {"value_per_outcome_micros": -1},
        {"value_per_outcome_micros": 0.5},
        {"waiting_cost_micros_per_hour": 10**18},
        {"currency": "euro"},
        {"vendor": "nobody"},
        {"name": ""},
        {"vendor_url": "javascript:alert(1)"},
        {"slug": "another"},
        {"lifecycle": "live"},
    ],
)
def test_an_edit_that_cannot_be_taken_names_the_field(machine: MakeMachine, wrong: dict[str, Any]) -> None:
    status, problem = machine("owner").call("PATCH", "/agents/refund-agent", wrong)
    assert (status, list(problem["fields"])) == (422, list(wrong))


def test_a_taken_short_name_is_a_conflict(machine: MakeMachine) -> None:
    status, problem = machine("chief").post("/agents", {**NEW, "slug": "refund-agent", "running_since": "2025-01-31"})
    assert (status, problem["code"]) == (409, "slug_taken")


@pytest.mark.parametrize("email", ["rita@contoso.example", "nobody@example.com", "\x7f"])
def test_an_owner_is_chosen_from_the_team(machine: MakeMachine, email: str) -> None:
    caller = machine("chief")
    status, problem = caller.post("/agents", {**NEW, "owners": [{"email": email, "role": "primary"}]})
    assert (status, problem["code"]) == (422, "owners")
    status, problem = caller.call("PUT", f"/agents/refund-agent/owners/{email}", {"role": "second"})
    assert (status, problem["code"]) == (422, "owners")


def test_one_owner_does_not_take_an_agent_live(machine: MakeMachine) -> None:
    caller = machine("chief")
    caller.post("/agents", NEW)
    status, problem = caller.post("/agents/invoice-agent/go-live")
    assert (status, problem["code"]) == (422, "two_owners")
    assert "invoice" in problem["detail"].lower()


def test_a_live_agent_keeps_two_owners(machine: MakeMachine) -> None:
    caller = machine("chief")
    assert caller.call("DELETE", "/agents/refund-agent/owners/bo@northwind.example")[0] == 200
    status, problem = caller.call("DELETE", "/agents/refund-agent/owners/dev@northwind.example")
    assert (status, problem["code"]) == (422, "two_owners")
    assert [owner["name"] for owner in caller.get("/agents/refund-agent/owners")[1]] == ["Amelia", "Dev", "Tess"]


def test_a_new_primary_makes_the_old_one_second(machine: MakeMachine) -> None:
    status, agent = machine("chief").call(
        "PUT", "/agents/refund-agent/owners/Dev@Northwind.example", {"role": "primary"}
    )
    assert status == 200
    assert {owner["name"]: owner["role"] for owner in agent["owners"]} == {
        "Dev": "primary",
        "Amelia": "second",
        "Bo": "backup",
        "Tess": "trainee",
    }


def test_who_has_no_seat_cannot_lose_one(machine: MakeMachine) -> None:
    assert machine("chief").call("DELETE", "/agents/refund-agent/owners/nora@northwind.example")[0] == 404


def test_pausing_needs_a_reason_and_resuming_goes_back(machine: MakeMachine, cast: Cast) -> None:
    caller = machine("owner")
    assert caller.post("/agents/refund-agent/pause", {})[0] == 422
    status, agent = caller.post("/agents/refund-agent/pause", {"reason": "Refunds twice"})
    assert (status, agent["lifecycle"], agent["lifecycle_reason"]) == (200, "paused", "Refunds twice")
    assert caller.post("/agents/refund-agent/resume")[1]["lifecycle"] == "live"
    assert caller.post("/agents/refund-agent/retire", {"reason": "Replaced"})[1]["lifecycle"] == "retired"
    assert Agent.objects.get(pk=cast.agent.pk).lifecycle == Lifecycle.RETIRED


def test_a_target_is_set_and_set_again(machine: MakeMachine) -> None:
    caller = machine("owner")
    caller.call("PUT", "/agents/refund-agent/kpi-targets/resolved-rate", {"target": "0.8"})
    status, target = caller.call(
        "PUT", "/agents/refund-agent/kpi-targets/resolved-rate", {"target": "0.9", "unit": "%"}
    )
    assert (status, target) == (200, {"key": "resolved-rate", "target": "0.9", "unit": "%", "better": "higher"})
    assert caller.call("PUT", "/agents/refund-agent/kpi-targets/not%20one%20word", {"target": 1})[0] == 422


def test_an_agent_of_ours_is_assigned_its_flow_and_its_limits_in_dollars(machine: MakeMachine, cast: Cast) -> None:
    caller = machine("owner")
    wanted = {"models": {"standard": "gpt-5-mini"}, "run_cap": "0.25", "day_cap": "5.50", "cost_center": "CC-7"}
    status, found = caller.call("PUT", "/agents/refund-agent/assignment", wanted)
    assert status == 200
    assert found == {
        "flow": "triage",
        "version": 1,
        "run_cap_micros": 250_000,
        "day_cap_micros": 5_500_000,
        "currency": "USD",
        "cost_center": "CC-7",
    }
    for change in ({"currency": "EUR"}, {"day_cap": "5,50"}, {"run_cap": "6"}, {"flow": "refund"}):
        assert caller.call("PUT", "/agents/refund-agent/assignment", {**wanted, **change})[0] == 422
    assert machine("second").call("PUT", "/agents/refund-agent/assignment", wanted)[0] == 403
