"""The shop's records: products, users, orders, each a document under its own id."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.db import transaction
from django.db.models import QuerySet

from agents.fleet.toolbox import ToolRefused, Why
from agents.flows.models import Record
from agents.flows.retail import SYSTEM
from agents.people.models import Team

Body: TypeAlias = dict[str, Any]
ORDER, PRODUCT, USER = "order", "product", "user"
KINDS = {"orders": ORDER, "products": PRODUCT, "users": USER}
"""The parts of a shop as it is loaded, and the kind of record that each holds."""
BATCH = 500


def refuse(said: str) -> ToolRefused:
    """The shop's own refusal, in its words."""
    return ToolRefused(Why.TOOL, said)


@dataclass(frozen=True, slots=True)
class Store:
    """One team's shop. Records that are taken to be changed stay locked until the transaction ends."""

    team_id: uuid.UUID

    def all(self, kind: str) -> QuerySet[Record]:
        return Record.objects.filter(team_id=self.team_id, system=SYSTEM, kind=kind)

    def order(self, key: str) -> Body:
        return self._body(ORDER, key, "Order not found")

    def user(self, key: str) -> Body:
        return self._body(USER, key, "User not found")

    def product(self, key: str) -> Body:
        return self._body(PRODUCT, key, "Product not found")

    def taken_order(self, key: str) -> Record:
        """To be changed; the order before its user."""
        return self._taken(ORDER, key, "Order not found")

    def taken_user(self, key: str) -> Record:
        """To be changed."""
        return self._taken(USER, key, "User not found")

    def variant(self, product: str, item: str) -> Body:
        """The variant `item` of a product."""
        variants: Mapping[str, Body] = self.product(product)["variants"]
        if item not in variants:
            raise refuse("Variant not found")
        return variants[item]

    def item(self, key: str) -> Body:
        """The variant of that id, of whatever product."""
        holder = self.all(PRODUCT).filter(body__variants__has_key=key).first()
        if holder is None:
            raise refuse("Item not found")
        variant: Body = holder.body["variants"][key]
        return variant

    def _body(self, kind: str, key: str, missing: str) -> Body:
        body: Body | None = self.all(kind).filter(key=key).values_list("body", flat=True).first()
        if body is None:
            raise refuse(missing)
        return body

    def _taken(self, kind: str, key: str, missing: str) -> Record:
        record = self.all(kind).filter(key=key).select_for_update(no_key=True).first()
        if record is None:
            raise refuse(missing)
        return record


@transaction.atomic
def load_store(team: Team, world: Mapping[str, Mapping[str, Body]]) -> int:
    """Put a shop (`orders`, `products`, `users`, each by id) in place of the one the team has. Returns its records."""
    Record.objects.filter(team=team, system=SYSTEM).delete()
    rows = [
        Record(team=team, system=SYSTEM, kind=kind, key=key, body=body)
        for part, kind in KINDS.items()
        for key, body in world[part].items()
    ]
    Record.objects.bulk_create(rows, batch_size=BATCH)
    return len(rows)
