"""A very small shop: one product with variants, one customer with two ways to pay, three orders."""

from typing import Any

from agents.fleet.models import Agent
from agents.flows.retail.store import load_store

HOME = {"address1": "1 Main St", "address2": "", "city": "Lima", "state": "LI", "country": "Peru", "zip": "15001"}
ELSEWHERE = HOME | {"address1": "9 Side St", "zip": "15002"}


def variant(item: str, price: float, *, available: bool = True) -> dict[str, Any]:
    return {"item_id": item, "options": {"size": item}, "available": available, "price": price}


def order(number: str, status: str, pay: str = "card_1") -> dict[str, Any]:
    items = [{"name": "Cup", "product_id": "p1", "item_id": "i1", "price": 10.0, "options": {"size": "i1"}}]
    paid = [{"transaction_type": "payment", "amount": 10.0, "payment_method_id": pay}]
    return {
        "order_id": number,
        "user_id": "kim_1",
        "address": HOME,
        "items": items,
        "status": status,
        "fulfillments": [],
        "payment_history": paid,
    }


def world() -> dict[str, Any]:
    cards = {
        "card_1": {"source": "credit_card", "id": "card_1"},
        "gift_1": {"source": "gift_card", "id": "gift_1", "balance": 3.0},
    }
    kim = {
        "user_id": "kim_1",
        "name": {"first_name": "Kim", "last_name": "Lee"},
        "address": HOME,
        "email": "kim@lee.example",
        "payment_methods": cards,
        "orders": ["#W1", "#W2", "#W3"],
    }
    variants = {v["item_id"]: v for v in (variant("i1", 10.0), variant("i2", 12.5), variant("i3", 9, available=False))}
    return {
        "products": {"p1": {"name": "Cup", "product_id": "p1", "variants": variants}},
        "users": {"kim_1": kim},
        "orders": {"#W1": order("#W1", "pending"), "#W2": order("#W2", "delivered"), "#W3": order("#W3", "pending")},
    }


def open_shop(agent: Agent) -> None:
    load_store(agent.team, world())
