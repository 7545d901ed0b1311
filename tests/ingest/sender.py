"""A system that sends webhooks to one of our addresses."""

import json
import time
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

from agents.base.ids import uuid7
from agents.connectors.actions import open_source
from agents.connectors.enums import SourceMode
from agents.connectors.models import Source
from agents.connectors.signing import signed
from agents.fleet.models import Agent
from tests.cast import Cast


@dataclass
class Sender:
    """`send(document)` signs and posts; every call answers (status, JSON)."""

    source: Source
    secret: str
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def send(self, document: Any, *, id: str | None = None, ago: int = 0, **headers: str) -> tuple[int, Any]:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        told = signed(self.secret, id or f"msg_{uuid7().hex}", body, int(time.time()) - ago) | headers
        return self.post(body, told)

    def post(self, body: bytes, headers: dict[str, str], *, media: str = "application/json") -> tuple[int, Any]:
        address, told = f"/hooks/{self.source.pk}", {"Content-Type": media, **headers}
        response = self.client.generic("POST", address, body, content_type=media, headers=told)
        return response.status_code, response.json()


def sender(cast: Cast, *, agent: Agent | None = None, mode: str = SourceMode.SIGNED) -> Sender:
    """An address of the cast's team: of one agent (its owner's), or of all."""
    actor = cast.owner if agent else cast.chief
    source, secret = open_source(cast.team, name=f"n8n {uuid7()}", actor=actor, agent=agent, mode=mode)
    return Sender(source, secret)
