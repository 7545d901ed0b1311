"""What of a ticket is worth knowing next time: what the customer prefers, and which products they have (R-189)."""

import re
from collections.abc import Iterator, Mapping

from agents.base.contacts import spread
from agents.engine import Json
from agents.engine.words import sentences
from agents.runs.enums import Remembered

MOST, LONGEST = 5, 300
_PREFERS = re.compile(
    r"\b(?:i(?:['’]d| would)? (?:prefer|rather)|prefiero|preferir[ií]a|prefiro|only (?:call|write|contact)"
    r"|(?:solo|s[oó]) (?:ll[aá]m|escr|lig))\w*",
    re.IGNORECASE,
)
"""How people say what they prefer, in English, Spanish and Portuguese; in other words it is not seen."""


def lasting(given: Mapping[str, Json]) -> Iterator[tuple[Remembered, str]]:
    """The sentences that say what the customer prefers, and the products that the ticket names in so many fields."""
    wishes = [one for one in sentences(str(given.get("text", ""))) if _PREFERS.search(one)]
    yield from ((Remembered.PREFERENCE, one[:LONGEST]) for one in wishes[:MOST])
    told = spread(given)
    products = told.get("products") or told.get("product") or ()
    listed = products if isinstance(products, list) else [products]
    yield from ((Remembered.PRODUCT, str(one)[:LONGEST]) for one in listed[:MOST] if one)
