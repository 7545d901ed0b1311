"""Runs as other systems tell them."""

from typing import Any

Document = dict[str, Any]


def a_run(external_id: str = "R-1", **more: Any) -> Document:
    """Three steps: the customer, a call of a tool, an answer."""
    steps = [
        {"key": "1", "name": "customer", "kind": "message", "output": "Where is my refund?"},
        {"key": "2", "name": "look_up", "kind": "tool", "input": {"order": "88213"}, "output": {"paid": True}},
        {"key": "3", "name": "assistant", "model": "gpt-4o", "output": "On its way.", "cost": "0.0021", "tokens_in": 9},
    ]
    return {
        "external_id": external_id,
        "title": "Refund",
        "input": {"text": "Where is my refund?"},
        "steps": steps,
    } | more


ASK = {"id": "A-1", "kind": "approval", "title": "Pay 40 EUR?", "proposal": {"amount": "40"}, "severity": "high"}


def a_waiting_run(external_id: str = "R-1", **more: Any) -> Document:
    return a_run(external_id, status="waiting", asks=[ASK]) | more
