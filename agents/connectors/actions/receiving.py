"""A webhook is kept before it is acknowledged; what it says is read later."""

import hashlib
from collections.abc import Callable, Mapping
from uuid import UUID

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from agents.base.actors import Actor
from agents.base.errors import Conflict, NotAllowed
from agents.base.faults import faultpoint
from agents.connectors import verbs
from agents.connectors.actions.parsing import wake
from agents.connectors.events import flags_of, ids_in, told_by
from agents.connectors.ingest import read
from agents.connectors.ingest.reading import Unreadable
from agents.connectors.models import InboxEvent, Source
from agents.connectors.verifying import verify
from agents.fleet.models import Agent
from audit.actions import record

MOST_ID = 200
KEPT = ("content-type", "user-agent", "webhook-id", "webhook-timestamp", "svix-id", "svix-timestamp")


def receive_event(
    source: Source, headers: Mapping[str, str], body: bytes, *, check: Callable[[], None] = lambda: None
) -> InboxEvent:
    """Checks who sent it and whether it can ever be read, and keeps it. Told again, it is the first one.

    `check` is what else the way it came by asks of it, once its sender is proved. Raises Unproven (401), NotAllowed
    (`source_paused`), Unreadable, TooMany, Invalid, Http404 for an agent of another team, Conflict (`id_reused`).
    """
    external_id = verify(source, headers, body)
    if source.is_paused:
        raise NotAllowed(_("This address is paused."), "source_paused")
    check()
    reading = read(body)
    told = told_by(reading)
    _check_ids(source, set(ids_in(told)))
    event = InboxEvent(
        source=source,
        external_id=_id(external_id, body),
        body=body,
        headers={name: headers[name] for name in KEPT if name in headers},
        sha256=hashlib.sha256(body).hexdigest(),
        flags=flags_of(reading, told),
    )
    kept = _keep(event)
    if kept.sha256 != event.sha256:
        _refuse(kept)
    return kept


def _id(external_id: str, body: bytes) -> str:
    """Without an id of the sender's, the same bytes are the same event."""
    if len(external_id) > MOST_ID or not external_id.isprintable():
        raise Unreadable(_("An id has at most %(most)s printable characters.") % {"most": MOST_ID}, "bad_id")
    return external_id or f"sha256:{hashlib.sha256(body).hexdigest()}"


def _check_ids(source: Source, ids: set[UUID]) -> None:
    """An id nobody guesses: whether it is unknown or another team's is not told apart."""
    if ids and Agent.objects.filter(team=source.team_id, pk__in=ids).count() < len(ids):
        raise Http404


def _keep(event: InboxEvent) -> InboxEvent:
    with transaction.atomic():
        InboxEvent.objects.bulk_create([event], ignore_conflicts=True)
        kept = InboxEvent.objects.defer("body").get(source=event.source_id, external_id=event.external_id)
        if kept.pk == event.pk:
            wake(kept.pk)
        faultpoint("ingest.before_commit")
    faultpoint("ingest.after_commit")
    return kept


def _refuse(kept: InboxEvent) -> None:
    source = kept.source
    record(
        verbs.ID_REUSED,
        actor=Actor("system", None, source.name),
        team_id=source.team_id,
        obj=kept,
        agent_id=source.agent_id,
        external_id=kept.external_id,
    )
    raise Conflict(_("This id was used for another body."), "id_reused")
