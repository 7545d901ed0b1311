"""Addresses for webhooks: opened, given new secrets, paused; and which agent a sender means."""

import base64
import secrets
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.errors import Conflict, Invalid
from agents.base.hooks import notify
from agents.connectors import verbs
from agents.connectors.actions.parsing import read_again
from agents.connectors.enums import InboxState, SourceMode
from agents.connectors.models import InboxEvent, Source
from agents.connectors.permissions import require_configurer
from agents.fleet.models import Agent
from agents.people.clean import clean
from agents.people.models import Team, User
from audit.actions import record

ROTATION = timedelta(hours=24)
"""How long the secret before is still good."""


def open_source(
    team: Team, *, name: str, actor: User, mode: str = SourceMode.SIGNED, agent: Agent | None = None
) -> tuple[Source, str]:
    """The address and its secret, shown once. Raises NotAllowed, Invalid, Conflict (`name_taken`)."""
    require_configurer(actor, team, agent)
    if agent is not None and agent.team_id != team.pk:
        raise Invalid(_("Choose an agent of this team."), fields={"agent": [_("Choose an agent of this team.")]})
    secret = new_secret(SourceMode(mode))
    source = Source(team=team, agent=agent, name=name.strip(), mode=mode, secret=secret)
    clean(source, "name", "mode")
    try:
        with transaction.atomic():
            source.save(force_insert=True)
            _record(verbs.SOURCE_CREATED, source, actor, mode=source.mode)
    except IntegrityError:
        raise Conflict(_("There is already an address of this name."), "name_taken") from None
    return source, secret


def new_secret(mode: SourceMode) -> str:
    """256 random bits, as the sender wants them: `whsec_` and base64, or a token for a header."""
    if mode == SourceMode.TOKEN:
        return f"rct_{secrets.token_urlsafe(32)}"
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


@transaction.atomic
def rotate_secret(source: Source, *, actor: User) -> str:
    """A new secret, shown once; the one before is good for another day. Raises NotAllowed."""
    source = _locked(source, actor)
    secret = new_secret(SourceMode(source.mode))
    source.previous_secret = source.secret.reveal()
    source.previous_until = timezone.now() + ROTATION
    source.secret = secret
    source.save(update_fields=["secret", "previous_secret", "previous_until"])
    _record(verbs.SOURCE_ROTATED, source, actor, previous_until=source.previous_until)
    return secret


@transaction.atomic
def pause_source(source: Source, *, actor: User, paused: bool = True) -> None:
    """What comes while it is paused is refused with 403, so that its sender keeps it. Raises NotAllowed."""
    source = _locked(source, actor)
    if source.is_paused != paused:
        source.is_paused = paused
        source.save(update_fields=["is_paused"])
        _record(verbs.SOURCE_PAUSED if paused else verbs.SOURCE_RESUMED, source, actor)


@transaction.atomic
def map_name(source: Source, *, name: str, agent: Agent, actor: User) -> int:
    """From now on the sender means this agent by `name`; what waited for that is read again. Returns how many events.

    Raises NotAllowed, Invalid.
    """
    source = _locked(source, actor)
    require_configurer(actor, source.team, agent)
    if agent.team_id != source.team_id or source.agent_id:
        raise Invalid(_("Choose an agent of this team."), fields={"agent": [_("Choose an agent of this team.")]})
    source.aliases[name] = str(agent.pk)
    source.save(update_fields=["aliases"])
    _record(verbs.NAME_MAPPED, source, actor, name=name, agent=agent.slug)
    waiting = InboxEvent.objects.filter(source=source, state=InboxState.QUARANTINED, agent_name=name)
    return read_again(waiting)


@transaction.atomic
def replay(event: InboxEvent, *, actor: User) -> None:
    """Reads an event again, as it came. What it told before is not told twice. Raises NotAllowed."""
    source = _locked(event.source, actor)
    read_again(InboxEvent.objects.filter(pk=event.pk))
    _record(verbs.EVENT_REPLAYED, source, actor, event=event.pk)


def _locked(source: Source, actor: User) -> Source:
    require_configurer(actor, source.team, source.agent)
    held = Source.objects.select_related("team", "agent").select_for_update(of=("self",))
    return held.get(pk=source.pk)


def _record(verb: str, source: Source, actor: User, **data: Any) -> None:
    record(verb, actor=actor.actor, team_id=source.team_id, obj=source, agent_id=source.agent_id, **data)
    notify("sources")
