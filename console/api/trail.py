"""The trail, for auditors' machines."""

import datetime as dt
import uuid
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from audit.queries import page, search
from console.api.access import TRAIL, caller, token_of
from console.pages.audit.readers import readable

router = Router(tags=["audit"])


class TrailQuery(Schema):
    """`before`: the `next_before` of the page before. `verb`: a verb, or a noun with all its verbs."""

    before: int | None = Field(None, ge=1, lt=2**63)
    limit: int = Field(100, ge=1, le=500)
    verb: str = Field("", max_length=60)


class EventOut(Schema):
    """`said`: what the event says beyond its columns; null once it was redacted."""

    id: uuid.UUID
    seq: int
    at: dt.datetime
    actor_kind: str
    actor_label: str
    verb: str
    object_type: str
    object_id: uuid.UUID | None
    object_label: str
    agent_id: uuid.UUID | None
    correlation_id: uuid.UUID
    request_id: str
    payload_sha256: str
    said: dict[str, Any] | None


class EventPage(Schema):
    items: list[EventOut]
    next_before: int | None


@router.get("/audit-events", response=EventPage, auth=TRAIL)
def events(request: HttpRequest, where: Query[TrailQuery]) -> EventPage:
    """Newest first: the whole team's for auditors, chief and administrators, that of their agents for owners."""
    rows = search(readable(caller(request), token_of(request).team), verb=where.verb)
    found = page(rows, before=where.before, size=where.limit)
    items = [EventOut.model_validate({**vars(entry.event), "said": entry.said}) for entry in found.entries]
    return EventPage(items=items, next_before=found.older)
