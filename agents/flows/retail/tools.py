"""The shop's sixteen tools, as they are granted to agents and told to models."""

import uuid
from collections.abc import Mapping
from typing import Any

from agents.base.phrases import phrase
from agents.engine import Effect
from agents.fleet.enums import DataClass
from agents.fleet.toolbox import Done, Run, Tool
from agents.flows.retail import SYSTEM, lookups, orders

TRANSFER = "transfer_to_human_agents"
WORDS: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 200}
LINE: dict[str, Any] = {"type": "string", "maxLength": 200}
IDS: dict[str, Any] = {"type": "array", "items": WORDS, "minItems": 1, "maxItems": 50}
ADDRESS = dict.fromkeys(("address1", "address2", "city", "state", "country", "zip"), LINE)
CATALOGUE = {"get_product_details", "get_item_details", "list_all_product_types", "calculate"}
"""Tools that tell what anybody may read in the shop's window."""
FIELDS = {
    **dict.fromkeys(("first_name", "last_name", "email", "address", "address1", "address2", "zip"), DataClass.PERSONAL),
    **dict.fromkeys(("payment_methods", "payment_history", "payment_method_id"), DataClass.PAYMENT),
}
"""What in a customer's records and orders is more than internal."""
STATES = ("pending", "processed", "delivered", "cancelled", "exchange requested", "return requested")
"""What an order of the shop may be."""
REPLACED = {"order_id": WORDS, "item_ids": IDS, "new_item_ids": IDS, "payment_method_id": WORDS}


def transfer(team_id: uuid.UUID, given: Mapping[str, Any]) -> Done:
    """The flow hands the customer over where this was called."""
    return Done("Transfer successful")


def _tool(
    slug: str, title: str, run: Run, description: str, effect: Effect = Effect.READ, /, **properties: Any
) -> Tool:
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    data = DataClass.PUBLIC if slug in CATALOGUE else DataClass.INTERNAL
    given: dict[str, Any] = {"title": title, "description": description, "effect": effect, "schema": schema}
    return Tool(slug=slug, system=SYSTEM, run=run, data=data, fields=FIELDS, states=STATES, **given)


WRITE, DESTRUCTIVE = Effect.WRITE, Effect.DESTRUCTIVE
TOOLS = (
    _tool(
        "find_user_id_by_email",
        phrase("Find a customer by e-mail"),
        lookups.user_by_email,
        "The id of the user with this e-mail address. Try this first.",
        email=WORDS,
    ),
    _tool(
        "find_user_id_by_name_zip",
        phrase("Find a customer by name and postal code"),
        lookups.user_by_name,
        "The id of the user of this name and postal code, where the e-mail address is not known.",
        first_name=WORDS,
        last_name=WORDS,
        zip=WORDS,
    ),
    _tool(
        "get_user_details",
        phrase("Look up a customer"),
        lookups.user_details,
        "Address, payment methods and orders of a user.",
        user_id=WORDS,
    ),
    _tool(
        "get_order_details",
        phrase("Look up an order"),
        lookups.order_details,
        "Status, items, address and payments of an order. Its id begins with #.",
        order_id=WORDS,
    ),
    _tool(
        "get_product_details",
        phrase("Look up a product"),
        lookups.product_details,
        "The variants of a product, which of them are available, and their prices. A product id is not an item id.",
        product_id=WORDS,
    ),
    _tool(
        "get_item_details",
        phrase("Look up an item"),
        lookups.item_details,
        "One variant of a product: its options, price, and whether it is available.",
        item_id=WORDS,
    ),
    _tool(
        "list_all_product_types",
        phrase("List the products"),
        lookups.product_types,
        "The id of every product by its name.",
    ),
    _tool(
        "calculate",
        phrase("Calculate"),
        lookups.calculate,
        "The value of an expression of numbers with + - * / and brackets, to two places.",
        expression=WORDS,
    ),
    _tool(
        TRANSFER,
        phrase("Hand a customer over to a person"),
        transfer,
        "Hands the customer over to a person, with a summary. Only for what no tool can do, or when asked for.",
        summary={"type": "string", "minLength": 1, "maxLength": 2000},
    ),
    _tool(
        "cancel_pending_order",
        phrase("Cancel a pending order"),
        orders.cancel,
        "Cancels a pending order and refunds it. The reason is “no longer needed” or “ordered by mistake”.",
        DESTRUCTIVE,
        order_id=WORDS,
        reason=WORDS | {"examples": ["no longer needed", "ordered by mistake"]},
    ),
    _tool(
        "modify_pending_order_address",
        phrase("Change where a pending order goes"),
        orders.change_address,
        "Sends a pending order to another address.",
        WRITE,
        order_id=WORDS,
        **ADDRESS,
    ),
    _tool(
        "modify_pending_order_payment",
        phrase("Change how a pending order is paid"),
        orders.change_payment,
        "Pays a pending order by another of the user's payment methods and refunds the first.",
        WRITE,
        order_id=WORDS,
        payment_method_id=WORDS,
    ),
    _tool(
        "modify_pending_order_items",
        phrase("Change the items of a pending order"),
        orders.change_items,
        "Replaces items of a pending order by variants of the same products. Once an order: name all items.",
        DESTRUCTIVE,
        **REPLACED,
    ),
    _tool(
        "modify_user_address",
        phrase("Change a customer's address"),
        orders.change_user_address,
        "Changes a user's default address.",
        WRITE,
        user_id=WORDS,
        **ADDRESS,
    ),
    _tool(
        "return_delivered_order_items",
        phrase("Take back items of a delivered order"),
        orders.send_back,
        "Asks for items of a delivered order to be returned, refunded as they were paid or to a gift card.",
        WRITE,
        order_id=WORDS,
        item_ids=IDS,
        payment_method_id=WORDS,
    ),
    _tool(
        "exchange_delivered_order_items",
        phrase("Exchange items of a delivered order"),
        orders.exchange,
        "Asks for items of a delivered order to be exchanged for variants of the same products. Once an order.",
        WRITE,
        **REPLACED,
    ),
)
