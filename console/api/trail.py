"""The trail, for auditors' machines."""

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from audit.queries import page, search
from console.api.access import TRAIL, caller, token_of
from console.api.schemas import EventOut, EventPage
from console.pages.audit.readers import readable

router = Router(tags=["audit"])


class TrailQuery(Schema):
    """`before`: the `next_before` of the page before. `verb`: a verb, or a noun with all its verbs."""

    before: int | None = Field(None, ge=1, lt=2**63)
    limit: int = Field(100, ge=1, le=500)
    verb: str = Field("", max_length=60)


@router.get("/audit-events", response=EventPage, auth=TRAIL)
def events(request: HttpRequest, where: Query[TrailQuery]) -> EventPage:
    """Newest first: the whole team's for auditors, chief and administrators, that of their agents for owners."""
    rows = search(readable(caller(request), token_of(request).team), verb=where.verb)
    found = page(rows, before=where.before, size=where.limit)
    items = [EventOut.model_validate({**vars(entry.event), "said": entry.said}) for entry in found.entries]
    return EventPage(items=items, next_before=found.older)
