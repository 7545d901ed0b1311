"""An agent's tools over the wire: the same rules as on their page."""

from agents.fleet.models import ToolGrant, WriteFreeze
from tests.api.conftest import MakeMachine


def test_a_tool_is_given_listed_and_taken_away(machine: MakeMachine) -> None:
    caller = machine("owner", "configure", "read")
    status, given = caller.call("PUT", "/agents/refund-agent/tools/calculate", {"max_call_micros": 5, "sees": ["a"]})
    assert (status, given["max_call_micros"], given["sees"], given["confirm"]) == (200, 5, ["a"], True)
    _status, tools = caller.get("/agents/refund-agent/tools")
    assert [one["tool"] for one in tools if one["grant"]] == ["calculate"] == [tools[0]["tool"]]
    status, _tools = caller.call("DELETE", "/agents/refund-agent/tools/calculate")
    assert (status, ToolGrant.objects.count()) == (200, 0)


def test_a_tool_that_nobody_registered_is_refused(machine: MakeMachine) -> None:
    status, problem = machine("owner", "configure").call("PUT", "/agents/refund-agent/tools/drop_table", {})
    assert (status, problem["code"]) == (422, "unknown_tool")


def test_an_agent_is_frozen_and_thawed(machine: MakeMachine) -> None:
    caller = machine("backup", "configure")
    assert caller.call("PUT", "/agents/refund-agent/freeze", {"reason": "Wrong refunds"}) == (200, {"frozen": True})
    assert WriteFreeze.objects.get().reason == "Wrong refunds"
    assert caller.call("DELETE", "/agents/refund-agent/freeze") == (200, {"frozen": False})
    assert not WriteFreeze.objects.exists()


def test_a_whole_team_is_frozen_listed_and_thawed(machine: MakeMachine) -> None:
    caller = machine("chief", "configure", "read")
    caller.call("PUT", "/agents/refund-agent/freeze", {"reason": "Wrong refunds"})
    assert caller.call("PUT", "/freezes/team", {"reason": "Everywhere"}) == (200, {"frozen": True})
    assert [(one["agent"], one["reason"]) for one in caller.get("/freezes")[1]] == [
        (None, "Everywhere"),
        ("refund-agent", "Wrong refunds"),
    ]
    assert caller.call("DELETE", "/freezes/team") == (200, {"frozen": False})
    assert WriteFreeze.objects.get().agent
