"""Whom an input names, by e-mail address or telephone number, and the keyed hash under which a team knows them."""

import re
import uuid
from collections.abc import Mapping
from typing import Any

from django.utils.crypto import salted_hmac

EMAIL = re.compile(r"[^@\s]{1,200}@[^@\s]{1,200}\.[^@\s]{2,60}")


def spread(given: Mapping[str, Any]) -> dict[str, Any]:
    """The input with what stands under `contact`, an object or an address, beside the rest."""
    inner = given.get("contact")
    return {**given, **(inner if isinstance(inner, Mapping) else {"email": inner or given.get("email")})}


def address_in(given: Mapping[str, Any]) -> str:
    """The `email` in lower case, else the digits of `phone`; "" where neither is one."""
    email, phone = str(given.get("email") or "").strip().lower(), re.sub(r"\D", "", str(given.get("phone") or ""))
    if EMAIL.fullmatch(email):
        return email
    return phone if len(phone) >= 7 else ""


def contact_key(team_id: uuid.UUID, address: str) -> str:
    """The hash of an address: useless without SECRET_KEY, and different in every team."""
    return salted_hmac("channels.contact", f"{team_id}:{address}", algorithm="sha256").hexdigest()
