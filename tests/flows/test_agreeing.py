"""Two writes to one entry are settled by the policy's rule; what no rule settles waits for a person (R-154)."""

from typing import Any

import pytest

from agents.engine.memory import Write, written
from agents.fleet.policy import CONFLICT_RULES
from agents.flows.agreeing import Rule, agreed, open_conflicts, settled


def memory(first: Any, second: Any) -> dict[str, Any]:
    """Two agents wrote the same new entry."""
    writes = [(author, Write(key="promise", value=value, base=0)) for author, value in (("a", first), ("b", second))]
    return written(None, writes)


@pytest.mark.parametrize(
    ("rules", "first", "second", "entry", "rule"),
    [
        ({}, "10 %", "20 %", ("10 %", 1, "a"), "first"),
        ({"promise": "last"}, "10 %", "20 %", ("20 %", 2, "b"), "last"),
        ({"*": "last", "promise": "first"}, "10 %", "20 %", ("10 %", 1, "a"), "first"),
        ({"promise": "merge"}, ["x"], ["x", "y"], (["x", "y"], 2, "a, b"), "merge"),
        ({"promise": "merge"}, {"p": 1}, {"q": 2}, ({"p": 1, "q": 2}, 2, "a, b"), "merge"),
        ({"promise": "merge"}, {"p": 1}, {"p": 2}, ({"p": 1}, 1, "a"), None),
        ({"promise": "merge"}, "10 %", "20 %", ("10 %", 1, "a"), None),
        ({"*": "person"}, "10 %", "20 %", ("10 %", 1, "a"), None),
    ],
)
def test_the_rule_of_its_key_says_who_holds(
    rules: dict[str, str], first: Any, second: Any, entry: tuple[Any, ...], rule: str | None
) -> None:
    found = settled(memory(first, second), rules)
    assert tuple(found["entries"]["promise"].values()) == entry
    assert [one.get("rule") for one in found["conflicts"]] == [rule]
    assert bool(open_conflicts(found)) == (rule is None)
    assert settled(found, {"*": "last"} if rule else rules) == found, "what is settled stays so"


def test_a_person_s_word_is_the_next_version_and_is_kept_with_the_conflict() -> None:
    found = agreed(settled(memory("10 %", "20 %"), {"*": "person"}), {"promise": "b"})
    assert found["entries"]["promise"] == {"value": "20 %", "version": 2, "author": "b"}
    assert [(one["rule"], one["kept"], one["value"]) for one in found["conflicts"]] == [("person", "b", "20 %")]
    assert open_conflicts(found) == []


def test_the_policy_knows_the_same_rules() -> None:
    assert tuple(Rule) == CONFLICT_RULES
