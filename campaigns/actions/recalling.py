"""Taking back what was said: a recall is a broadcast of its own, and a version whose time has come ends by itself."""

from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.actors import SYSTEM, Actor
from agents.base.errors import Conflict, Invalid, NotAllowed
from agents.base.phrases import phrase
from agents.fleet.enums import Lifecycle
from agents.fleet.models import Agent
from agents.people.models import User
from campaigns import verbs
from campaigns.actions.broadcasting import frozen, send
from campaigns.actions.drafts import hold, locked
from campaigns.actions.moving import move
from campaigns.actions.receipts import held, take_receipt
from campaigns.actions.redoing import right_again
from campaigns.enums import RequestState, Rung, VersionState
from campaigns.models import Broadcast, Campaign, ContextVersion, Delivery
from campaigns.permissions import own, require_campaigner
from campaigns.queries import current

RAN_OUT = phrase("Its time has run out.")


@transaction.atomic
def recall(sent: Broadcast, *, actor: User, reason: str) -> Broadcast:
    """Takes a broadcast back at every agent it went to: each gets the version that was replaced, or is told that the
    campaign no longer applies. Recalled again: the first recall.

    Raises `NotAllowed` unless all these agents are the actor's own, `Invalid` without a reason, `Conflict`
    (`overtaken`, `a_recall`).
    """
    campaign = hold(sent.campaign_id)
    if again := Broadcast.objects.filter(recalls=sent).first():
        return again
    agents = _recallable(sent, campaign, actor)
    if not reason.strip():
        raise Invalid(_("Say why."), fields={"reason": [_("Say why.")]})
    _withdraw(sent)
    back = _restored(sent, actor)
    texts = frozen(back, agents) if back else dict.fromkeys(agents)
    how: dict[str, Any] = {"recalls": sent, "reason": reason.strip()[:300]}
    again = send(campaign, back, texts, actor, f"recall:{sent.pk}", **how)
    right_again(sent, back)
    return again


@transaction.atomic
def end_version(version: ContextVersion, *, actor: User, reason: str) -> Broadcast:
    """Ends a live version before its time: every agent that was told of it is told that it no longer applies.

    Raises `NotAllowed` unless all of them are the actor's own, `Invalid` without a reason, `Conflict` (`not_live`).
    """
    version = locked(version, actor)
    if version.state != VersionState.LIVE:
        raise Conflict(_("This version is no longer live."), "not_live")
    if not reason.strip():
        raise Invalid(_("Say why."), fields={"reason": [_("Say why.")]})
    _require_all(_told(version), version.campaign, actor)
    return _over(version, actor, reason.strip()[:300])


def _told(version: ContextVersion) -> list[Agent]:
    """The agents where it is the last word."""
    told = current(Delivery.objects.filter(broadcast__version=version, on_hold=False))
    agents = Agent.objects.filter(pk__in=told.values("agent")).exclude(lifecycle=Lifecycle.RETIRED)
    return list(agents.order_by("name"))


def _over(version: ContextVersion, actor: User | None, reason: str) -> Broadcast:
    """The broadcast of its end. Without an actor it ends by itself."""
    for sent in version.broadcasts.all():
        _withdraw(sent)
    agents = _told(version)
    _end(version, actor.actor if actor else SYSTEM, _("Ended."))
    return send(version.campaign, None, dict.fromkeys(agents), actor, f"end:{version.pk}", reason=reason)


def _end(version: ContextVersion, actor: Actor, why: str) -> None:
    move(version, VersionState.ENDED, verbs.VERSION_ENDED, actor)
    version.requests.filter(state=RequestState.OPEN).update(state=RequestState.DECLINED, reason=why)
    _takes_place_of(version.campaign, None)


def _takes_place_of(campaign: Campaign, live: ContextVersion | None) -> None:
    """What is in preparation is compared with what is in force now: its price may be a change again."""
    campaign.versions.filter(state__in=(VersionState.DRAFT, VersionState.VALIDATED)).update(supersedes=live)


def _withdraw(sent: Broadcast) -> None:
    """Those that waited for the canaries never hear of it."""
    for row in sent.deliveries.filter(on_hold=True).order_by("pk"):
        delivery = held(row)
        delivery.on_hold = False
        take_receipt(delivery, Rung.NOT_APPLICABLE, evidence={"reason": "recalled"})
        delivery.save()


def _recallable(sent: Broadcast, campaign: Campaign, actor: User) -> list[Agent]:
    """The agents where this broadcast is still the last word."""
    if sent.version is None or sent.recalls_id:
        raise Conflict(_("A recall is not recalled: broadcast a version instead."), "a_recall")
    require_campaigner(actor, campaign.team)
    last = current(Delivery.objects.filter(broadcast=sent, on_hold=False))
    agents = list(Agent.objects.filter(pk__in=last.values("agent")).order_by("name"))
    if not agents:
        raise Conflict(_("A newer broadcast has replaced this one everywhere."), "overtaken")
    _require_all(agents, campaign, actor)
    return agents


def _require_all(agents: list[Agent], campaign: Campaign, actor: User) -> None:
    mine = set(own(actor, campaign.team).values_list("pk", flat=True))
    if foreign := [str(agent) for agent in agents if agent.pk not in mine]:
        raise NotAllowed(_("Not yours to recall at %(agents)s.") % {"agents": ", ".join(foreign)}, "verb")


def _restored(sent: Broadcast, actor: User) -> ContextVersion | None:
    """Ends the recalled version, and takes the one it replaced live again."""
    version = sent.version
    assert version is not None
    if version.state == VersionState.LIVE:
        _end(version, actor.actor, _("Recalled."))
        if (before := _still_valid(version.supersedes)) and before.state == VersionState.SUPERSEDED:
            move(before, VersionState.LIVE, verbs.VERSION_LIVE, actor.actor)
            _takes_place_of(version.campaign, before)
    return _still_valid(version.supersedes)


def _still_valid(version: ContextVersion | None) -> ContextVersion | None:
    """What has run out is not restored."""
    over = version and version.valid_to and version.valid_to <= timezone.now()
    return None if over else version


def end_expired() -> None:
    """Live versions whose end has come are over, and every agent that was told of them is told so, with receipts."""
    over = ContextVersion.objects.filter(state=VersionState.LIVE, valid_to__lte=Now())
    for campaign_id, pk in list(over.values_list("campaign_id", "pk")[:200]):
        with transaction.atomic():
            hold(campaign_id)
            if version := over.filter(pk=pk).select_related("campaign").first():
                _over(version, None, RAN_OUT)
