"""The policy over the wire: the same rules as on its page."""

from agents.fleet.models import PolicyVersion
from tests.api.conftest import MakeMachine

GIVEN = {"statement": "Say what is so.", "rules": {"prohibited_terms": ["guarantee"], "most_amount": 250}}


def test_the_policy_is_written_and_every_version_read(machine: MakeMachine) -> None:
    caller = machine("operations", "configure", "read")
    status, written = caller.call("PUT", "/policy", GIVEN)
    assert (status, written["number"], written["rules"]) == (200, 1, GIVEN["rules"])
    caller.call("PUT", "/policy", GIVEN | {"rules": {}, "seen": 1})
    _status, kept = caller.get("/policy")
    assert [one["number"] for one in kept["items"]] == [2, 1]
    assert kept["items"][0]["author"] == written["author"]


def test_what_is_no_rule_or_was_overtaken_is_refused(machine: MakeMachine) -> None:
    caller = machine("operations", "configure")
    status, problem = caller.call("PUT", "/policy", GIVEN | {"rules": {"longest_reply": "very"}})
    assert (status, problem["code"]) == (422, "rules")
    status, problem = caller.call("PUT", "/policy", GIVEN | {"seen": 7})
    assert (status, problem["code"]) == (409, "changed")
    assert not PolicyVersion.objects.exists()
