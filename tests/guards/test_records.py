"""What a text claims of records, against the records that were read."""

import pytest

from agents.engine.guardrails import Draft
from agents.runs.guards.records import on_record

STATES = ("pending", "delivered", "cancelled", "exchange requested")
READ = [
    {"order_id": "#W1000001", "status": "pending", "gift": True, "items": [{"item_id": "4410", "price": 129.5}]},
    {"order_id": "#W1000002", "status": "exchange requested", "total": 40},
    {"user_id": "kim_lee_4040", "payment_methods": {"gift_card_7001": {"balance": 12}}},
]
CASES = [
    ("Your order #W1000001 is pending.", ()),
    ("Your order W1000001 is pending and costs $129.50.", ()),
    ("Your order #W1000009 is pending.", ("#W1000009",)),
    ("Your order #W1000001 is delivered.", ("w1000001: delivered",)),
    ("Order #W1000002: exchange requested. Order #W1000001 is cancelled.", ("w1000001: cancelled",)),
    ("Order #W1000001 is pending, #W1000002 follows.", ()),
    ("You paid 41 dollars with gift_card_7001.", ("41 dollars",)),
    ("You paid 40 dollars with gift_card_9999.", ("gift_card_9999",)),
    ("Thank you, kim_lee_4040. It will be delivered soon.", ()),
    ("Thank you for your patience.", ()),
]


@pytest.mark.parametrize(("text", "wrong"), CASES, ids=[str(n) for n in range(len(CASES))])
def test_what_no_record_says_is_named(text: str, wrong: tuple[str, ...]) -> None:
    found = on_record(READ, STATES)(Draft(text))
    assert found.evidence == wrong
    assert (found.score < 1) == bool(wrong)


def test_without_a_record_nothing_that_names_one_holds() -> None:
    found = on_record([])(Draft("Order #W1000001 costs $5."))
    assert (found.score, found.evidence) == (0, ("#W1000001", "$5"))


def test_what_is_wrong_twice_counts_twice() -> None:
    found = on_record(READ, STATES)(Draft("#W1000009, again #W1000009, and #W1000001."))
    assert (found.score, found.evidence) == (0.333, ("#W1000009",))


def test_what_a_passage_says_holds_too() -> None:
    draft = Draft("Order #W1000001 costs $5 to send, as form T-1234 says.", {"p1": "Sending costs $5: form T-1234."})
    assert on_record(READ, STATES)(draft).score == 1


def test_what_was_read_last_is_what_holds() -> None:
    read = [{"order_id": "W77777", "status": "pending"}, {"order_id": "W77777", "status": "cancelled"}]
    assert on_record(read, STATES)(Draft("W77777 is cancelled.")).score == 1
    assert on_record(read, STATES)(Draft("W77777 is pending.")).evidence == ("w77777: pending",)
