"""Rows of a page that are drawn once: they change far more seldom than an open page reads itself again."""

from collections.abc import Hashable
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from agents.base.personal import is_masking

MOST = 4096
"""Rows kept in a process, about a kilobyte each."""


def drawn(template: str, row: Hashable) -> SafeString:
    """`template` with nothing but `row`, which holds plain words in the reader's language: kept under all it shows."""
    return _drawn(template, row, get_language(), is_masking())


@lru_cache(MOST)
def _drawn(template: str, row: Hashable, _language: str | None, _masked: bool) -> SafeString:
    return render_to_string(template, {"row": row})
