"""How personal a letter may be: facts that may be used, as whole words, and not too many of them."""

import pytest

from agents.engine.guardrails import Draft
from agents.runs.guards.personal import facts_of, personal_guardrail, usable

FACTS = facts_of({"name": "Kim Lee", "company": "Oak", "country": "Spain", "tier": "gold", "phone": "491701234567"})


@pytest.mark.parametrize(
    ("text", "rules", "passes"),
    [
        pytest.param("Dear Kim, Oak in Spain", {}, True, id="three allowed"),
        pytest.param("Our gold plan", {}, False, id="not allowed"),
        pytest.param("Our golden plan, oaken", {"most_personal_facts": 0}, True, id="whole words"),
        pytest.param("Dear Kim, Oak in Spain", {"most_personal_facts": 2}, False, id="too many"),
        pytest.param("gold", {"personal_attributes": ["tier"]}, True, id="allowed by the policy"),
        pytest.param("LEE", {"personal_attributes": ["tier"]}, False, id="part of a name"),
    ],
)
def test_a_letter_is_too_personal_by_what_it_uses_of_somebody(
    text: str, rules: dict[str, object], passes: bool
) -> None:
    assert personal_guardrail(FACTS, rules).judge(Draft(text)).passed is passes


def test_where_somebody_is_reached_is_no_fact_about_them() -> None:
    assert facts_of({"name": "Kim", "email": "kim@oak.example", "orders": 3, "tags": ["x"]}) == {
        "name": "Kim",
        "orders": "3",
    }


def test_the_writer_is_told_the_first_allowed_facts_only() -> None:
    assert usable(FACTS, {"most_personal_facts": 2}) == {"name": "Kim Lee", "company": "Oak"}
