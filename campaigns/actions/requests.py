"""Agents of others: their owners are asked, and answer."""

import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.base.hooks import notify
from agents.fleet.models import Agent
from agents.people.models import User
from audit.actions import record
from campaigns import verbs
from campaigns.enums import RequestState
from campaigns.models import BroadcastRequest, ContextVersion
from campaigns.permissions import own


def ask(version: ContextVersion, agents: list[Agent], actor: User) -> None:
    """A request to the owners of each agent that is not the actor's own, once."""
    asked = [BroadcastRequest(version=version, agent=agent, asked_by=actor) for agent in agents]
    BroadcastRequest.objects.bulk_create(asked, ignore_conflicts=True)
    for agent in agents:
        _record(verbs.BROADCAST_ASKED, version, agent, actor)


def answer_requests(version: ContextVersion, agents: list[Agent], actor: User) -> None:
    """Who broadcasts to an agent has answered the request for it."""
    rows = version.requests.filter(agent__in=agents, state=RequestState.OPEN)
    rows.update(state=RequestState.ACCEPTED, decided_by=actor, decided_at=timezone.now())


@transaction.atomic
def decline_request(request: BroadcastRequest, *, actor: User, reason: str) -> None:
    """An owner does not broadcast this to the agent. Raises `NotAllowed`, `Conflict`, `Invalid` without a reason."""
    if not own(actor, request.agent.team).filter(pk=request.agent_id).exists():
        raise NotAllowed(_("Only who may broadcast to %(agent)s decides this.") % {"agent": request.agent}, "verb")
    if not reason.strip():
        raise Invalid(_("Say why."), fields={"reason": [_("Say why.")]})
    request = (
        BroadcastRequest.objects.select_for_update(no_key=True, of=("self",))
        .select_related("version__campaign", "agent")
        .get(pk=request.pk)
    )
    if request.state != RequestState.OPEN:
        raise Conflict(_("This request was answered already."), "answered")
    request.state, request.decided_by, request.decided_at = RequestState.DECLINED, actor, timezone.now()
    request.reason = reason.strip()[:300]
    request.save(update_fields=["state", "decided_by", "decided_at", "reason"])
    _record(verbs.BROADCAST_DECLINED, request.version, request.agent, actor, reason=request.reason)


def _record(verb: str, version: ContextVersion, agent: Agent, actor: User, **data: Any) -> None:
    team: uuid.UUID = version.campaign.team_id
    record(verb, actor=actor.actor, team_id=team, obj=version, agent_id=agent.pk, agent=agent.slug, **data)
    notify("campaigns")
