"""What leaves for an OpenTelemetry collector: OTLP over HTTP, through the one HTTP door, at least once."""

import structlog
from django.conf import settings

from agents.base import http
from agents.base.models import Outbox

AGAIN = (429, 502, 503, 504)
"""Statuses after which OTLP says to send again; after any other refusal what was sent is given up."""
MOST_TRIES = 12
"""Some hours, with the outbox's growing pauses."""
DEADLINE_S = 10.0
log = structlog.get_logger("collector")


class NotTaken(Exception):
    """The endpoint asks for it later."""


def send(endpoint: str, body: bytes, message: Outbox) -> None:
    """Post the protobuf of `message`. Raises OutboundError or NotTaken while another try may help."""
    headers = {"Content-Type": "application/x-protobuf", **settings.OTLP_HEADERS}
    try:
        status = http.call("POST", endpoint, headers=headers, body=body, deadline=DEADLINE_S).status
        if status in AGAIN:
            raise NotTaken(str(status))
    except (http.OutboundError, NotTaken) as error:
        if message.attempts < MOST_TRIES:
            raise
        log.warning("collector.given_up", topic=message.topic, key=message.key, why=str(error))
    else:
        if status >= 400:
            log.warning("collector.refused", topic=message.topic, key=message.key, status=status)
