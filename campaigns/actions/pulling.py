"""Agents that fetch what they are to know: a fetch is sent, coming back with the hash of exactly that is stored."""

from dataclasses import dataclass

from django.db import transaction

from agents.fleet.models import Agent
from campaigns.actions.receipts import held, take_receipt
from campaigns.enums import CONFIRMED, Rung
from campaigns.models import Delivery
from campaigns.queries import context_due
from campaigns.words import sha256


@dataclass(frozen=True)
class Context:
    """What an agent is to know now; `sha256` is of the text."""

    deliveries: list[Delivery]
    text: str
    sha256: str


def pull_context(agent: Agent, *, known: str = "") -> Context:
    """What the agent is to know. `known` is the hash of what it holds already: when that is exactly this, every part of
    it is stored there, and what was taken back is gone; otherwise it was sent.
    """
    due = context_due(agent)
    told = [each for each in due if each.rendering]
    text = "\n\n".join(each.text for each in told)
    found = Context(told, text, sha256(text))
    rung = Rung.STORED if known == found.sha256 else Rung.SENT
    for each in due:
        if each.state not in CONFIRMED:
            _note(each, rung, found.sha256)
    return found


@transaction.atomic
def _note(delivery: Delivery, rung: Rung, whole: str) -> None:
    """Left to the worker that has it in hand."""
    row = held(delivery)
    if row.lease_until is None and row.state not in CONFIRMED:
        take_receipt(row, rung, evidence={"read_back": "pull", "etag": whole}, sha256=row.sha256)
        row.save()
