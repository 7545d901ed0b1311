"""How the shop pays and refunds, in its own currency units, and what that is in micro-units."""

from typing import Any

from agents.base.money import MICRO
from agents.flows.models import Record
from agents.flows.retail.store import Body, refuse

GIFT_CARD = "gift_card"


def method(user: Record, key: str) -> Body:
    """The user's payment method. Raises ToolRefused."""
    methods: dict[str, Body] = user.body["payment_methods"]
    if key not in methods:
        raise refuse("Payment method not found")
    return methods[key]


def is_gift_card(one: Body) -> bool:
    return bool(one["source"] == GIFT_CARD)


def require_cover(one: Body, amount: float, said: str) -> None:
    """Refuse with `said` what a gift card does not cover; other methods are the bank's business."""
    if is_gift_card(one) and one["balance"] < amount:
        raise refuse(said)


def draw(one: Body, amount: float) -> None:
    """Take the amount from a gift card, or give a negative one back to it, at once; elsewhere it takes days."""
    if is_gift_card(one):
        one["balance"] = round(one["balance"] - amount, 2)


def payment(kind: str, amount: float, key: str) -> dict[str, Any]:
    """A line of an order's payment history: `payment` or `refund`."""
    return {"transaction_type": kind, "amount": amount, "payment_method_id": key}


def micros(amount: float) -> int:
    """How much moved, either way."""
    return round(abs(amount) * MICRO)
