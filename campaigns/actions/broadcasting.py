"""One submission, many agents: recipients are frozen and their deliveries written in one transaction."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.actors import SYSTEM, Actor
from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.base.faults import faultpoint
from agents.base.hooks import notify
from agents.fleet.models import Agent
from agents.people.models import User
from audit.actions import record
from campaigns import verbs
from campaigns.actions.drafts import check, locked
from campaigns.actions.overtaking import overtake
from campaigns.actions.receipts import wake
from campaigns.enums import RequestState, Rung, VersionState
from campaigns.models import Broadcast, BroadcastRequest, Campaign, ContextVersion, Delivery, Receipt, Rendering
from campaigns.permissions import audience, own, require_campaigner
from campaigns.queries import current
from campaigns.rendering import renderings


@transaction.atomic
def broadcast(
    version: ContextVersion, agents: Iterable[Agent], *, actor: User, idempotency_key: str, signed: Iterable[str] = ()
) -> Broadcast:
    """Sends a validated version (or a live one, to further agents) to those of `agents` that are the actor's own; the
    owners of the others are asked. `signed`: warnings that only these agents bring. The same key again: the first one.

    Raises `NotAllowed`; `Invalid` when it no longer passes the checks or no agent is left; `Conflict` (`not_validated`,
    `unsigned`).
    """
    version = locked(version, actor)
    if again := Broadcast.objects.filter(campaign=version.campaign, idempotency_key=idempotency_key).first():
        return again
    if version.state not in (VersionState.VALIDATED, VersionState.LIVE):
        raise Conflict(_("Validate this version first."), "not_validated")
    chosen = audience(version.campaign.team).filter(pk__in=[agent.pk for agent in agents])
    mine = list(chosen.filter(pk__in=own(actor, version.campaign.team).values("pk")))
    if not mine:
        raise Invalid(_("Choose at least one agent of yours."), "no_agent", {"agents": [_("Choose one of yours.")]})
    check(version, mine, [*(each["key"] for each in version.signed), *signed])
    sent = _send(version.campaign, version, _frozen(version, mine), actor, idempotency_key)
    _ask(version, [agent for agent in chosen if agent not in mine], actor)
    _answer_requests(version, mine, actor)
    _go_live(version, actor)
    return sent


def _frozen(version: ContextVersion, agents: list[Agent]) -> dict[Agent, Rendering | None]:
    """What each agent gets; whoever was sent this version before gets the same text again."""
    Rendering.objects.bulk_create(renderings(version, agents), ignore_conflicts=True)
    kept = {row.agent_id: row for row in version.renderings.all()}
    return {agent: kept[agent.pk] for agent in agents}


def _send(
    campaign: Campaign,
    version: ContextVersion | None,
    texts: dict[Agent, Rendering | None],
    actor: User,
    key: str,
    **how: Any,
) -> Broadcast:
    """Broadcast, deliveries and their first receipts; older ones on their way to the same agents are overtaken."""
    number = (campaign.broadcasts.aggregate(last=Max("number"))["last"] or 0) + 1
    sent = Broadcast.objects.create(
        campaign=campaign, version=version, number=number, actor=actor, idempotency_key=key, **how
    )
    rows = [
        Delivery(broadcast=sent, campaign=campaign, number=number, agent=agent, rendering=rendering)
        for agent, rendering in texts.items()
    ]
    Delivery.objects.bulk_create(rows)
    Receipt.objects.bulk_create(Receipt(delivery=row, rung=Rung.QUEUED) for row in rows)
    overtake(campaign)
    verb = verbs.BROADCAST_RECALLED if sent.recalls else verbs.BROADCAST_SENT
    told: dict[str, Any] = {
        "version": version and version.number,
        "agents": [agent.slug for agent in texts],
        "reason": sent.reason,
    }
    record(verb, actor=actor.actor, team_id=campaign.team_id, obj=sent, **told)
    notify("campaigns")
    wake()
    faultpoint("broadcast.after_fanout_row")
    return sent


def _go_live(version: ContextVersion, actor: User) -> None:
    if version.state == VersionState.LIVE:
        return
    before = version.campaign.versions.filter(state=VersionState.LIVE).first()
    if before:
        move(before, VersionState.SUPERSEDED, verbs.VERSION_SUPERSEDED, actor.actor)
        version.supersedes = before
        version.save(update_fields=["supersedes"])
    move(version, VersionState.LIVE, verbs.VERSION_LIVE, actor.actor)


def move(version: ContextVersion, state: VersionState, verb: str, actor: Actor) -> None:
    """The one door through which a version that was broadcast changes its state; the caller holds the campaign."""
    version.state, version.state_since = state, timezone.now()
    version.save(update_fields=["state", "state_since"])
    record(verb, actor=actor, team_id=version.campaign.team_id, obj=version, state=state.value)


def _ask(version: ContextVersion, agents: list[Agent], actor: User) -> None:
    """A request to the owners of each agent that is not the actor's own, once."""
    asked = [BroadcastRequest(version=version, agent=agent, asked_by=actor) for agent in agents]
    BroadcastRequest.objects.bulk_create(asked, ignore_conflicts=True)
    for agent in agents:
        _record(verbs.BROADCAST_ASKED, version, agent, actor)


def _answer_requests(version: ContextVersion, agents: list[Agent], actor: User) -> None:
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


@transaction.atomic
def recall(sent: Broadcast, *, actor: User, reason: str) -> Broadcast:
    """Takes a broadcast back at every agent it went to: each gets the version that was replaced, or is told that the
    campaign no longer applies. Recalled again: the first recall.

    Raises `NotAllowed` unless all these agents are the actor's own, `Invalid` without a reason, `Conflict`
    (`overtaken`, `a_recall`).
    """
    campaign = Campaign.objects.select_for_update(no_key=True).select_related(None).get(pk=sent.campaign_id)
    if again := Broadcast.objects.filter(recalls=sent).first():
        return again
    agents = _recallable(sent, campaign, actor)
    if not reason.strip():
        raise Invalid(_("Say why."), fields={"reason": [_("Say why.")]})
    back = _restored(sent, actor)
    texts = _frozen(back, agents) if back else dict.fromkeys(agents)
    how = {"recalls": sent, "reason": reason.strip()[:300]}
    return _send(campaign, back, texts, actor, f"recall:{sent.pk}", **how)


def _recallable(sent: Broadcast, campaign: Campaign, actor: User) -> list[Agent]:
    """The agents where this broadcast is still the last word."""
    if sent.version is None or sent.recalls_id:
        raise Conflict(_("A recall is not recalled: broadcast a version instead."), "a_recall")
    require_campaigner(actor, campaign.team)
    last = current(Delivery.objects.filter(broadcast=sent))
    agents = list(Agent.objects.filter(pk__in=last.values("agent")).order_by("name"))
    if not agents:
        raise Conflict(_("A newer broadcast has replaced this one everywhere."), "overtaken")
    mine = set(own(actor, campaign.team).values_list("pk", flat=True))
    if foreign := [str(agent) for agent in agents if agent.pk not in mine]:
        raise NotAllowed(_("Not yours to recall at %(agents)s.") % {"agents": ", ".join(foreign)}, "verb")
    return agents


def _restored(sent: Broadcast, actor: User) -> ContextVersion | None:
    """Ends the recalled version, and takes the one it replaced live again."""
    version = sent.version
    assert version is not None
    if version.state == VersionState.LIVE:
        move(version, VersionState.ENDED, verbs.VERSION_ENDED, actor.actor)
        version.requests.filter(state=RequestState.OPEN).update(state=RequestState.DECLINED, reason=_("Recalled."))
        if (before := _still_valid(version.supersedes)) and before.state == VersionState.SUPERSEDED:
            move(before, VersionState.LIVE, verbs.VERSION_LIVE, actor.actor)
    return _still_valid(version.supersedes)


def _still_valid(version: ContextVersion | None) -> ContextVersion | None:
    """What has run out is not restored."""
    over = version and version.valid_to and version.valid_to <= timezone.now()
    return None if over else version


def end_expired() -> None:
    """Live versions whose end has come are over: they said so themselves, and nobody is told again."""
    over = ContextVersion.objects.filter(state=VersionState.LIVE, valid_to__lte=Now())
    for pk in list(over.values_list("pk", flat=True)[:200]):
        with transaction.atomic():
            version = over.filter(pk=pk).select_related("campaign").select_for_update(of=("self",)).first()
            if version is not None:
                move(version, VersionState.ENDED, verbs.VERSION_ENDED, SYSTEM)
                notify("campaigns")


def _record(verb: str, version: ContextVersion, agent: Agent, actor: User, **data: Any) -> None:
    team: uuid.UUID = version.campaign.team_id
    record(verb, actor=actor.actor, team_id=team, obj=version, agent_id=agent.pk, agent=agent.slug, **data)
    notify("campaigns")
