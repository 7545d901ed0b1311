"""The policy's rules as guardrails, and the ladder of what happens below them."""

import pytest

from agents.engine.guardrails import Draft, Fallback, judged
from agents.engine.schemas import problem
from agents.fleet.policy import SCHEMA
from agents.flows.triage.prompts import POLICY_RULES
from agents.runs.guards.customers import heard
from agents.runs.guards.rules import guardrails, guardrails_alone

PASSAGES = {"p1": "Refunds arrive within 5 to 10 working days on the card that paid."}
GOOD = "Refunds arrive within 5 to 10 working days. [p1]"
REFUSED = [
    ("prohibited terms", {"prohibited_terms": ["working days"]}, GOOD),
    ("personal data", {}, f"{GOOD} Write to kim.lee@mail.example."),
    ("personal data", {}, f"{GOOD} The card is 4111 1111 1111 1111."),
    ("language", {"languages": ["es"]}, "The refund will be on your card. [p1]"),
    ("tone", {"tone": {"en": "formal"}}, "Hey, the refunds arrive within 5 to 10 working days on the card. [p1]"),
    ("citation", {}, "Refunds arrive within 3 working days. [p1]"),
    ("length", {"longest_reply": 10}, GOOD),
    ("amount", {"most_amount": 100}, "Refunds of $250 arrive. [p1]"),
    ("legal", {"legal_words": ["liable"]}, "We are liable. [p1]"),
    ("disclosure", {"disclosures": [{"when": "refunds", "say": "terms apply"}]}, GOOD),
]


def test_a_good_answer_passes_the_shipped_rules() -> None:
    assert judged(Draft(GOOD, PASSAGES), guardrails(POLICY_RULES)).publishable


@pytest.mark.parametrize(("name", "rules", "text"), REFUSED, ids=[f"{n}-{one[0]}" for n, one in enumerate(REFUSED)])
def test_each_guardrail_refuses_what_it_is_for(name: str, rules: dict[str, object], text: str) -> None:
    record = judged(Draft(text, PASSAGES), guardrails(rules))
    assert name in {verdict.name for verdict in record.verdicts if not verdict.passed}
    assert not problem(SCHEMA, rules)


@pytest.mark.parametrize(
    ("rules", "text"),
    [
        ({"known_addresses": ["Help@Oak.example"]}, f"{GOOD} Write to help@oak.example."),
        ({"legal_words": ["liable"]}, f"{GOOD} No legal action."),
    ],
    ids=["our own address", "other words bind"],
)
def test_what_the_policy_names_takes_the_place_of_what_ships(rules: dict[str, object], text: str) -> None:
    told, shipped = (judged(Draft(text), guardrails(said)).verdicts for said in (rules, {}))
    assert sum(one.passed for one in told) == sum(one.passed for one in shipped) + 1


def test_what_an_agent_said_is_not_what_a_customer_said() -> None:
    assert [heard(name, None, "Hello") for name in ("Assistant", "customer")] == ["", "Hello"]
    assert heard("assistant", {"text": " Well? "}, "Hello") == "Well?"


def test_the_policy_names_threshold_and_fallback() -> None:
    told = {"guardrails": {"citation": {"threshold": 0.3, "fallback": "adjust"}, "tone": {"fallback": "escalate"}}}
    by_name = {one.name: one for one in guardrails(told)}
    assert (by_name["citation"].threshold, by_name["citation"].fallback) == (0.3, Fallback.ADJUST)
    assert (by_name["tone"].threshold, by_name["tone"].fallback) == (1, Fallback.ESCALATE)
    assert by_name["amount"].fallback == Fallback.ESCALATE


def test_another_system_s_text_is_only_held_against_what_it_tells_by_itself() -> None:
    names = [one.name for one in guardrails_alone({})]
    assert names == ["prohibited terms", "language", "tone", "amount", "legal", "disclosure"]
    assert {one.fallback for one in guardrails_alone({})} == {Fallback.ESCALATE}


def test_every_guardrail_that_ships_has_a_threshold_and_a_fallback() -> None:
    for one in guardrails({}):
        assert 0 < one.threshold <= 1
        assert one.fallback in Fallback


def test_the_shipped_rules_fit_their_own_schema() -> None:
    assert problem(SCHEMA, POLICY_RULES) == ""
