"""The trail, for auditors' machines."""

from django.http import HttpRequest
from ninja import Query, Router, Schema

from agents.fleet.enums import Verb
from agents.people.enums import TeamRole
from agents.people.queries import role_in
from audit.models import AuditEvent
from console.api.access import TRAIL, agents, caller, token_of
from console.api.schemas import EventOut

router = Router(tags=["audit"])
WHOLE_TEAM = {TeamRole.AUDITOR, TeamRole.CHIEF, TeamRole.ADMINISTRATOR}


class TrailQuery(Schema):
    """`before`: the `seq` of the last event of the page before."""

    before: int | None = None
    limit: int = 100
    verb: str = ""


@router.get("/audit-events", response=list[EventOut], auth=TRAIL)
def events(request: HttpRequest, where: Query[TrailQuery]) -> list[AuditEvent]:
    """Newest first: the whole team's for auditors, chief and administrators, one's own agents' otherwise."""
    team_id = token_of(request).team_id
    rows = AuditEvent.objects.filter(team_id=team_id)
    if role_in(caller(request), team_id) not in WHOLE_TEAM:
        rows = rows.filter(agent_id__in=agents(request, Verb.VIEW).values("pk"))
    if where.before is not None:
        rows = rows.filter(seq__lt=where.before)
    if where.verb:
        rows = rows.filter(verb=where.verb)
    return list(rows.order_by("-seq")[: min(max(where.limit, 1), 500)])
