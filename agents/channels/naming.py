"""Whom a run's input names. Who it is leaves as a keyed hash alone; beside it stay only facts that rules may ask."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from agents.base.contacts import address_in, contact_key, spread
from agents.channels.enums import Fact

PLACES = ("contact", "email", "phone")
"""Keys of an input under which somebody may be named."""
MOST = 100
"""Characters of a fact."""


@dataclass(frozen=True)
class Named:
    """Somebody a run is about: `key` is the hash, `facts` what is known of them."""

    key: str
    facts: dict[str, str]


def named(team_id: uuid.UUID, given: object) -> Named | None:
    """Whom an input names by e-mail address or telephone number; None for everybody else."""
    if not isinstance(given, Mapping):
        return None
    told = spread(given)
    if not (address := address_in(told)):
        return None
    facts = {fact.value: _short(told[fact]) for fact in Fact if isinstance(told.get(fact), str | int)}
    facts |= {Fact.DOMAIN.value: address.partition("@")[2][:MOST]} if "@" in address else {}
    return Named(contact_key(team_id, address), {name: text for name, text in facts.items() if text})


def _short(value: object) -> str:
    """A fact; not one that is an address itself."""
    text = " ".join(str(value).split())[:MOST]
    return "" if "@" in text else text
