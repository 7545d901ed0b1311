"""Whom a run's input names. Who it is leaves as a keyed hash alone; beside it stay only facts that rules may ask."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.crypto import salted_hmac

from agents.channels.enums import Fact

PLACES = ("contact", "email", "phone")
"""Keys of an input under which somebody may be named."""
MOST = 100
"""Characters of a fact."""
EMAIL = re.compile(r"[^@\s]{1,200}@[^@\s]{1,200}\.[^@\s]{2,60}")


@dataclass(frozen=True)
class Named:
    """Somebody a run is about: `key` is the hash, `facts` what is known of them."""

    key: str
    facts: dict[str, str]


def named(team_id: uuid.UUID, given: object) -> Named | None:
    """Whom an input names by e-mail address or telephone number; None for everybody else."""
    if not isinstance(given, Mapping):
        return None
    inner = given.get("contact")
    told: dict[str, Any] = {
        **given,
        **(inner if isinstance(inner, Mapping) else {"email": inner or given.get("email")}),
    }
    email, phone = str(told.get("email") or "").strip().lower(), re.sub(r"\D", "", str(told.get("phone") or ""))
    is_email = bool(EMAIL.fullmatch(email))
    if not is_email and len(phone) < 7:
        return None
    facts = {fact.value: _short(told[fact]) for fact in Fact if isinstance(told.get(fact), str | int)}
    facts |= {Fact.DOMAIN.value: email.partition("@")[2][:MOST]} if is_email else {}
    return Named(key(team_id, email if is_email else phone), {name: text for name, text in facts.items() if text})


def key(team_id: uuid.UUID, address: str) -> str:
    """The hash under which a team knows an address: useless without SECRET_KEY, and different in every team."""
    return salted_hmac("channels.contact", f"{team_id}:{address}", algorithm="sha256").hexdigest()


def _short(value: object) -> str:
    """A fact; not one that is an address itself."""
    text = " ".join(str(value).split())[:MOST]
    return "" if "@" in text else text
