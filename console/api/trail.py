"""The trail, for auditors' machines."""

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from agents.people.enums import TeamRole
from agents.people.queries import role_in
from audit.models import AuditEvent
from console.api.access import TRAIL, agents, caller, token_of
from console.api.schemas import EventPage

router = Router(tags=["audit"])
WHOLE_TEAM = {TeamRole.AUDITOR, TeamRole.CHIEF, TeamRole.ADMINISTRATOR}


class TrailQuery(Schema):
    """`before`: the `next_before` of the page before."""

    before: int | None = Field(None, ge=1, lt=2**63)
    limit: int = Field(100, ge=1, le=500)
    verb: str = Field("", max_length=60)


@router.get("/audit-events", response=EventPage, auth=TRAIL)
def events(request: HttpRequest, where: Query[TrailQuery]) -> dict[str, object]:
    """Newest first: the whole team's for auditors, chief and administrators, one's own agents' otherwise."""
    team_id = token_of(request).team_id
    rows = AuditEvent.objects.filter(team_id=team_id)
    if role_in(caller(request), team_id) not in WHOLE_TEAM:
        rows = rows.filter(agent_id__in=agents(request).values("pk"))
    if where.before is not None:
        rows = rows.filter(seq__lt=where.before)
    if where.verb:
        rows = rows.filter(verb=where.verb)
    found = list(rows.order_by("-seq")[: where.limit + 1])
    items = found[: where.limit]
    return {"items": items, "next_before": items[-1].seq if len(found) > where.limit else None}
