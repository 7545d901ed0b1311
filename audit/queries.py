"""Reading the trail. Who may is asked above: auditors, chiefs, administrators read the team's, owners their agents'."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, TextField
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from audit.heads import newest
from audit.models import AuditEvent, AuditPayload, Seal
from audit.verbs import VERIFIED

PAGE = 50
TABLE = "audit_auditevent"


def events_for(team_id: uuid.UUID, agents: Iterable[Any] | None = None) -> QuerySet[AuditEvent]:
    """A team's events; with `agents` (a queryset of agents, or their ids) only what concerns these."""
    events = AuditEvent.objects.filter(team_id=team_id)
    return events if agents is None else events.filter(agent_id__in=agents)


def search(
    events: QuerySet[AuditEvent],
    *,
    actor: str = "",
    verb: str = "",
    object_id: uuid.UUID | None = None,
    agent_id: uuid.UUID | None = None,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    text: str = "",
    request_id: str = "",
) -> QuerySet[AuditEvent]:
    """`events` narrowed down: `actor` is part of a name, `verb` a verb or its noun ("run").

    `object_id` finds a correlation id too; `request_id` is the number that a refused request was given; `until` is
    exclusive; `text` is part of a label or of what the event says.
    """
    asked = {"agent_id": agent_id, "request_id": request_id, "at__gte": since, "at__lt": until}
    asked["actor_label__icontains"] = actor
    events = events.filter(**{name: value for name, value in asked.items() if value})
    if verb:
        events = events.filter(Q(verb=verb) | Q(verb__startswith=f"{verb}."))
    if object_id:
        events = events.filter(Q(object_id=object_id) | Q(correlation_id=object_id))
    return events.filter(_says(text)) if text else events


def _says(text: str) -> Combinable | Q:
    bodies = AuditPayload.objects.alias(said=Cast("body", TextField())).filter(said__icontains=text)
    return Q(object_label__icontains=text) | Exists(bodies.filter(event_id=OuterRef("pk")))


@dataclass(frozen=True)
class Entry:
    """An event and what it says; `said` is None once redacted."""

    event: AuditEvent
    said: dict[str, Any] | None


@dataclass(frozen=True)
class Page:
    """Newest first; `older` is the `before` of the next page, None on the last one."""

    entries: list[Entry]
    older: int | None


def page(events: QuerySet[AuditEvent], *, before: int | None = None, size: int = PAGE) -> Page:
    """One page below the seq `before`, in two queries whatever the depth."""
    if before is not None:
        events = events.filter(seq__lt=before)
    rows = list(events.order_by("-seq")[: size + 1])
    shown = rows[:size]
    return Page(entries(shown), shown[-1].seq if len(rows) > size else None)


def entries(events: list[AuditEvent]) -> list[Entry]:
    """`events` with what they say, in one query."""
    said = dict(AuditPayload.objects.filter(pk__in=[event.pk for event in events]).values_list("event_id", "body"))
    return [Entry(event, said.get(event.pk)) for event in events]


def seal_of(event: AuditEvent) -> Seal | None:
    """The seal that covers an event; None while it waits for the next one (≤ 10 s)."""
    return Seal.objects.defer("leaves").filter(xid_from__lte=event.xid, xid_to__gt=event.xid).first()


@dataclass(frozen=True)
class SealStatus:
    """How provable the trail is now. `published` is the newest head outside the database, `oldest` of the unsealed."""

    last: Seal | None
    published: int
    unsealed: int
    oldest: dt.datetime | None
    append_only: bool
    verified: Entry | None


def seal_status() -> SealStatus:
    """For the page of the trail and for alerts."""
    last = Seal.objects.defer("leaves").order_by("-number").first()
    waiting = AuditEvent.objects.filter(xid__gte=last.xid_to if last else 0).aggregate(
        count=Count("*"), oldest=Min("at")
    )
    return SealStatus(
        last=last,
        published=newest(),
        unsealed=waiting["count"],
        oldest=waiting["oldest"],
        append_only=append_only_by_role(),
        verified=last_verification(),
    )


def last_verification() -> Entry | None:
    """When the trail was last verified, by whom and with what outcome (`said["findings"]`)."""
    nobodys = AuditEvent.objects.filter(team_id=None)  # of every team; few are, and they have an index
    return next(iter(entries(list(nobodys.filter(verb=VERIFIED).order_by("-seq")[:1]))), None)


def append_only_by_role() -> bool:
    """True when the role we work as could not change history: it neither owns the table nor may write over it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT NOT (has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')"
            " OR pg_has_role(current_user, c.relowner, 'USAGE')) FROM pg_class c WHERE c.oid = %s::regclass",
            [TABLE],
        )
        return bool(cursor.fetchone()[0])
