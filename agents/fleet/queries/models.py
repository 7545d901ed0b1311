"""The language models of a team."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from agents.fleet.models import Model, Price


@dataclass(frozen=True, slots=True)
class Priced:
    """A model with the price in force; None where the public table counts."""

    model: Model
    price: Price | None


def models_of(team_id: uuid.UUID) -> list[Priced]:
    """All that are called, cheapest tier first."""
    rows = Model.objects.filter(team_id=team_id, is_active=True).select_related("endpoint").prefetch_related("prices")
    order = ("cheap", "standard", "premium")
    return [Priced(row, _newest(row.prices.all())) for row in sorted(rows, key=lambda m: (order.index(m.tier), m.name))]


def _newest(prices: Iterable[Price]) -> Price | None:
    return max(prices, key=lambda price: price.since, default=None)
