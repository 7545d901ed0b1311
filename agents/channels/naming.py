"""Whom a run is about. Who it is leaves as a keyed hash alone; beside it stay only facts that rules may ask."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from agents.base.contacts import address_in, contact_key, spread
from agents.channels.enums import Fact

PLACES = ("contact", "email", "phone")
"""Keys of an input under which somebody may be named."""
RECIPIENTS = ("to", "recipient")
"""Keys of a tool's arguments under which it says to whom it writes."""
TELEPHONE = re.compile(r"\+?[\d\s().-]{7,20}")
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


def addressed(team_id: uuid.UUID, call: object) -> Named | None:
    """Whom the call of a tool is about: named as by an input, else its recipient, the first of several."""
    if not isinstance(call, Mapping):
        return None
    told = call["args"] if isinstance(call.get("args"), Mapping) else call
    return named(team_id, told) or named(team_id, _recipient(told))


def _recipient(told: Mapping[str, object]) -> dict[str, str]:
    given = next((told[name] for name in RECIPIENTS if told.get(name)), "")
    first = given[0] if isinstance(given, list) else given
    text = first.strip() if isinstance(first, str) else ""
    return {"phone": text} if TELEPHONE.fullmatch(text) else {"email": text}


def _short(value: object) -> str:
    """A fact; not one that is an address itself."""
    text = " ".join(str(value).split())[:MOST]
    return "" if "@" in text else text
