"""Canaries: some agents hear it first, the rest when a person says so or when the canaries repeat it."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.actors import SYSTEM, Actor
from agents.base.errors import Conflict, NotAllowed
from agents.base.hooks import notify
from agents.fleet.models import Agent
from agents.people.models import User
from audit.actions import record
from campaigns import verbs
from campaigns.actions.overtaking import overtake
from campaigns.actions.receipts import wake
from campaigns.enums import Rung
from campaigns.models import Broadcast, Campaign, Delivery
from campaigns.permissions import own, require_campaigner


def hold_back(sent: Broadcast, canaries: Iterable[Agent]) -> None:
    """In the transaction of the submission: everybody but the canaries waits."""
    sent.deliveries.exclude(agent__in=list(canaries)).update(on_hold=True, due_at=None)


@transaction.atomic
def release(sent: Broadcast, *, actor: User) -> int:
    """The rest of a broadcast is told, too; how many. Raises `NotAllowed`, `Conflict` when nobody waits."""
    require_campaigner(actor, sent.campaign.team)
    waiting = sent.deliveries.filter(on_hold=True)
    mine = own(actor, sent.campaign.team)
    if waiting.exclude(agent__in=mine).exists():
        raise NotAllowed(_("Some of these agents are not yours to tell."), "verb")
    count = _release(sent, actor.actor)
    if not count:
        raise Conflict(_("Nobody waits for this broadcast any more."), "released")
    return count


def release_proved() -> None:
    """Broadcasts that go on by themselves, all of whose canaries have repeated what they were told."""
    waiting = Delivery.objects.filter(on_hold=True, broadcast__auto_release=True).values("broadcast")
    for sent in Broadcast.objects.filter(pk__in=waiting).select_related("campaign").order_by("pk"):
        with transaction.atomic():
            if not sent.deliveries.filter(on_hold=False).exclude(state=Rung.ECHOED).exists():
                _release(sent, SYSTEM)


def _release(sent: Broadcast, actor: Actor) -> int:
    """Under the campaign's lock, so that a newer broadcast or a recall is seen."""
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=sent.campaign_id)
    count = sent.deliveries.filter(on_hold=True).update(on_hold=False, due_at=timezone.now())
    if count:
        overtake(campaign)
        record(verbs.BROADCAST_RELEASED, actor=actor, team_id=campaign.team_id, obj=sent, agents=count)
        notify("campaigns")
        wake()
    return count
