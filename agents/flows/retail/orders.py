"""Changing orders and addresses: a pending order's state, address, payment and items; a delivered order's way back.

Amounts stay the shop's own decimals, rounded where the shop rounds them: its records must read the same afterwards.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from agents.fleet.toolbox import Done
from agents.flows.models import Record
from agents.flows.retail import money
from agents.flows.retail.store import Body, Store, refuse

Arguments = Mapping[str, Any]
AFTERWARDS = (
    *("cancel_reason", "exchange_items", "exchange_new_items", "exchange_payment_method_id"),
    *("exchange_price_difference", "return_items", "return_payment_method_id"),
)
"""What the shop writes on an order that has been changed, empty where it does not apply."""
ADDRESS = ("address1", "address2", "city", "country", "state", "zip")
REASONS = ("no longer needed", "ordered by mistake")


def cancel(team_id: uuid.UUID, given: Arguments) -> Done:
    """Cancel a pending order and refund every payment the way it came."""
    store = Store(team_id)
    order = _in_state(store, given, "pending", "Non-pending order cannot be cancelled")
    if given["reason"] not in REASONS:
        raise refuse("Invalid reason")
    user, paid = store.taken_user(order.body["user_id"]), order.body["payment_history"]
    for each in paid:
        money.draw(money.method(user, each["payment_method_id"]), -each["amount"])
    refunds = [money.payment("refund", each["amount"], each["payment_method_id"]) for each in paid]
    changes = {"status": "cancelled", "cancel_reason": given["reason"], "payment_history": [*paid, *refunds]}
    return _written(order, changes, sum(each["amount"] for each in paid), user)


def change_address(team_id: uuid.UUID, given: Arguments) -> Done:
    """Send a pending order elsewhere."""
    order = Store(team_id).taken_order(given["order_id"])
    _require_pending(order)
    return _written(order, {"address": _address(given)})


def change_user_address(team_id: uuid.UUID, given: Arguments) -> Done:
    """Give a user another default address."""
    user = Store(team_id).taken_user(given["user_id"])
    user.body["address"] = _address(given)
    user.save(update_fields=["body"])
    return Done(user.body)


def change_payment(team_id: uuid.UUID, given: Arguments) -> Done:
    """Pay a pending order in another way and refund the first payment."""
    store, key = Store(team_id), given["payment_method_id"]
    order = store.taken_order(given["order_id"])
    _require_pending(order)
    user, paid = store.taken_user(order.body["user_id"]), order.body["payment_history"]
    chosen = money.method(user, key)
    if len(paid) != 1 or paid[0]["transaction_type"] != "payment":
        raise refuse("There should be exactly one payment for a pending order")
    before, amount = paid[0]["payment_method_id"], paid[0]["amount"]
    if before == key:
        raise refuse("The new payment method should be different from the current one")
    money.require_cover(chosen, amount, "Insufficient gift card balance to pay for the order")
    money.draw(chosen, amount)
    money.draw(money.method(user, before), -amount)
    lines = [money.payment("payment", amount, key), money.payment("refund", amount, before)]
    return _written(order, {"payment_history": [*paid, *lines]}, amount, user)


def change_items(team_id: uuid.UUID, given: Arguments) -> Done:
    """Replace items of a pending order by variants of the same products, and settle the difference."""
    store = Store(team_id)
    order = _in_state(store, given, "pending", "Non-pending order cannot be modified")
    _require_items(order, given["item_ids"], "%s not found")
    _require_pairs(given, "The number of items to be exchanged should match")
    if any(old == new for old, new in _pairs(given)):
        raise refuse("The new item id should be different from the old item id")
    found = _replacements(store, order, given)
    difference = _difference(found)
    user, key = store.taken_user(order.body["user_id"]), given["payment_method_id"]
    chosen = money.method(user, key)
    money.require_cover(chosen, difference, "Insufficient gift card balance to pay for the new item")
    money.draw(chosen, difference)
    line = money.payment("payment" if difference > 0 else "refund", abs(difference), key)
    _replace(order.body["items"], given, found[-1][1])
    changes = {"status": "pending (item modified)", "payment_history": [*order.body["payment_history"], line]}
    return _written(order, changes, difference, user)


def exchange(team_id: uuid.UUID, given: Arguments) -> Done:
    """Ask for items of a delivered order to be exchanged for variants of the same products."""
    store = Store(team_id)
    order = _in_state(store, given, "delivered", "Non-delivered order cannot be exchanged")
    _require_items(order, given["item_ids"], "Number of %s not found.")
    _require_pairs(given, "The number of items to be exchanged should match.")
    difference = round(_difference(_replacements(store, order, given)), 2)
    chosen = money.method(store.taken_user(order.body["user_id"]), given["payment_method_id"])
    money.require_cover(chosen, difference, "Insufficient gift card balance to pay for the price difference")
    changes = {
        "status": "exchange requested",
        "exchange_items": sorted(given["item_ids"]),
        "exchange_new_items": sorted(given["new_item_ids"]),
        "exchange_payment_method_id": given["payment_method_id"],
        "exchange_price_difference": difference,
    }
    return _written(order, changes, difference)


def send_back(team_id: uuid.UUID, given: Arguments) -> Done:
    """Ask for items of a delivered order to be taken back, refunded as they were paid or to a gift card."""
    store, key = Store(team_id), given["payment_method_id"]
    order = _in_state(store, given, "delivered", "Non-delivered order cannot be returned")
    chosen = money.method(store.taken_user(order.body["user_id"]), key)
    if not money.is_gift_card(chosen) and key != order.body["payment_history"][0]["payment_method_id"]:
        raise refuse("Payment method should be the original payment method")
    _require_items(order, given["item_ids"], "Some item not found")
    back = sum(_item(order, each)["price"] for each in given["item_ids"])
    changes = {
        "status": "return requested",
        "return_items": sorted(given["item_ids"]),
        "return_payment_method_id": key,
    }
    return _written(order, changes, back)


def _in_state(store: Store, given: Arguments, state: str, otherwise: str) -> Record:
    order = store.taken_order(given["order_id"])
    if order.body["status"] != state:
        raise refuse(otherwise)
    return order


def _require_pending(order: Record) -> None:
    if "pending" not in order.body["status"]:  # also one whose items have been modified
        raise refuse("Non-pending order cannot be modified")


def _require_items(order: Record, wanted: Sequence[str], said: str) -> None:
    held = [item["item_id"] for item in order.body["items"]]
    for each in wanted:
        if wanted.count(each) > held.count(each):
            raise refuse(said % each if "%s" in said else said)


def _require_pairs(given: Arguments, said: str) -> None:
    if len(given["item_ids"]) != len(given["new_item_ids"]):
        raise refuse(said)


def _pairs(given: Arguments) -> list[tuple[str, str]]:
    return list(zip(given["item_ids"], given["new_item_ids"], strict=True))


def _replacements(store: Store, order: Record, given: Arguments) -> list[tuple[Body, Body]]:
    """Each item with the variant that replaces it."""
    found = []
    for old, new in _pairs(given):
        item = _item(order, old)
        variant = store.variant(item["product_id"], new)
        if not variant["available"]:
            raise refuse(f"New item {new} not found or available")
        found.append((item, variant))
    return found


def _difference(found: list[tuple[Body, Body]]) -> float:
    total = 0.0
    for item, variant in found:  # not sum(), which newer Pythons round better than the shop does
        total += variant["price"] - item["price"]
    return total


def _replace(items: list[Body], given: Arguments, last: Body) -> None:
    """The reference shop gives every replaced item the price and options of the last variant; ours reads the same."""
    for old, new in _pairs(given):
        item = next(each for each in items if each["item_id"] == old)
        item |= {"item_id": new, "price": last["price"], "options": last["options"]}


def _item(order: Record, key: str) -> Body:
    found: Body = next(item for item in order.body["items"] if item["item_id"] == key)
    return found


def _address(given: Arguments) -> Body:
    return {name: given[name] for name in ADDRESS}


def _written(order: Record, changes: Body, moved: float = 0, user: Record | None = None) -> Done:
    order.body = dict.fromkeys(AFTERWARDS) | order.body | changes
    order.save(update_fields=["body"])
    if user is not None:
        user.save(update_fields=["body"])
    return Done(order.body, money.micros(moved))
