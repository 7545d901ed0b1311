"""Asking the model without a server: the text, a filled schema, or a tool call for one user message."""

import json
from typing import Any

from agents.rehearsal.think import think
from agents.rehearsal.tools import Reply

POLICY = """Passages:
[p1] Economy passengers may take one checked bag free of charge. Business passengers may take three.
[p2] A reservation can be cancelled within 24 hours of booking for a full refund.
[p3] Basic economy flights cannot be changed. Other reservations can be modified without changing the destination.

Question: {}"""


def ask(text: str, **options: Any) -> Reply:
    """The model's reply to one user message."""
    return think({"model": "rehearsal-small", "messages": [{"role": "user", "content": text}], **options})


def filled(schema: dict[str, Any], text: str, system: str = "") -> Any:
    """The schema's value as the model fills it from one user message."""
    wanted = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}
    messages = [{"role": "system", "content": system}, {"role": "user", "content": text}]
    return json.loads(think({"model": "rehearsal-small", "messages": messages, "response_format": wanted}).text)


def field(schema: dict[str, Any], text: str, name: str = "value", system: str = "") -> Any:
    """One required field of an object, filled from one user message."""
    return filled({"type": "object", "properties": {name: schema}, "required": [name]}, text, system)[name]
