"""Clients of language models' endpoints: one a process, address and key; they go out through the one HTTP door."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import openai

NO_KEY = "none"
"""The client insists on a key; an endpoint of one's own may want none."""


@cache
def client(base_url: str, key: str) -> openai.OpenAI:
    """It never tries again by itself: whoever asks knows what that may cost."""
    import openai  # takes over a second

    from agents.base.http import model_client

    return openai.OpenAI(base_url=base_url, api_key=key or NO_KEY, http_client=model_client(), max_retries=0)
