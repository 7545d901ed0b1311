"""What is at stake in a proposal: its amount, and whether one person is enough to let it happen."""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from agents.base.money import MICRO
from agents.engine import Json
from agents.fleet.models import Agent
from agents.fleet.queries.policies import second_person_above

IN_MICROS = ("amount_micros", "cost_micros", "total_micros", "value_micros")
IN_UNITS = ("amount", "total", "value", "price")
DEPTH = 4
UNREADABLE = 2**63
"""The amount of what calls itself one and is not a number: above every limit."""


def needs_second(agent: Agent, proposal: Json) -> bool:
    """Whether two people must let this happen: its amount is above the policy's limit, or in another currency."""
    found = list(amounts(proposal))
    if not found or (limit := second_person_above(agent)) is None:
        return False
    return any(micros > limit or currency not in ("", agent.currency) for micros, currency in found)


def amounts(proposal: Json, currency: str = "", depth: int = DEPTH) -> Iterator[tuple[int, str]]:
    """Every amount that a proposal names, in micro-units and its currency ("" where it names none)."""
    if isinstance(proposal, list) and depth:
        for part in proposal:
            yield from amounts(part, currency, depth - 1)
    if not isinstance(proposal, Mapping):
        return
    currency = str(proposal.get("currency", currency))
    for key, value in proposal.items():
        if key in IN_MICROS:
            yield _whole(value, 1), currency
        elif key in IN_UNITS and not isinstance(value, Mapping | list):
            yield _whole(value, MICRO), currency
        elif depth:
            yield from amounts(value, currency, depth - 1)


def _whole(value: Any, scale: int) -> int:
    try:
        amount = Decimal(str(value)) * scale
    except InvalidOperation:
        return UNREADABLE
    return abs(int(amount)) if amount.is_finite() and abs(amount) < UNREADABLE else UNREADABLE
