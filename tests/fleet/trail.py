"""Reading the trail in tests."""

from typing import Any

from agents.fleet import verbs
from agents.fleet.models import Agent, AgentOwner
from audit.models import AuditEvent, AuditPayload

Seats = dict[tuple[str, str], tuple[str, bool]]


def events(verb: str) -> list[dict[str, Any]]:
    """What the events of this verb say, oldest first."""
    ids = list(AuditEvent.objects.filter(verb=verb).order_by("seq").values_list("pk", flat=True))
    bodies = dict(AuditPayload.objects.filter(pk__in=ids).values_list("pk", "body"))
    return [bodies[pk] for pk in ids]


def replayed_seats(since_seq: int = 0, seats: Seats | None = None) -> Seats:
    """Who sits where, from the trail alone: {(agent, user): (role, acting)}."""
    found: Seats = dict(seats or {})
    told = AuditEvent.objects.filter(verb__in=[verbs.OWNER_SEATED, verbs.OWNER_REMOVED], seq__gt=since_seq)
    bodies = dict(AuditPayload.objects.filter(pk__in=told.values("pk")).values_list("pk", "body"))
    for event in told.order_by("seq"):
        body = bodies[event.pk]
        key = str(event.agent_id), body["user"]
        if event.verb == verbs.OWNER_REMOVED:
            del found[key]
        else:
            found[key] = body["role"], body["acting"]
    return found


def present_seats() -> Seats:
    """Who sits where, from the rows."""
    rows = AgentOwner.objects.values_list("agent_id", "user_id", "role", "acting")
    return {(str(agent), str(user)): (role, acting) for agent, user, role, acting in rows}


def owners_of(agent: Agent) -> dict[str, tuple[str, bool]]:
    """{name: (role, acting)}"""
    rows = AgentOwner.objects.filter(agent=agent).values_list("user__name", "role", "acting")
    return {name: (role, acting) for name, role, acting in rows}
