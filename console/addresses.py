"""Addresses of many rows: `reverse` matches each one anew, which takes longer than everything else a row says."""

import uuid
from functools import cache

from django.urls import reverse

NOBODY, NOTHING = uuid.UUID(int=0), "SLUG"


def address(name: str, key: uuid.UUID | str) -> str:
    """`reverse` of a page whose address has one part, an id or a slug."""
    blank = NOBODY if isinstance(key, uuid.UUID) else NOTHING
    return _blank(name, blank).replace(str(blank), str(key))


@cache
def _blank(name: str, blank: uuid.UUID | str) -> str:
    return reverse(name, args=[blank])
