"""The demo's campaigns: one that is over, and an early-bird price that all but three agents have confirmed."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import F

from agents.base.money import MICRO
from agents.fleet.enums import Vendor
from agents.fleet.models import Agent
from agents.people.models import User
from campaigns.actions import (
    approve_version,
    begin_version,
    broadcast,
    create_campaign,
    edit_draft,
    end_expired,
    take_receipt,
    validate_version,
)
from campaigns.actions.receipts import held
from campaigns.checks import problems
from campaigns.enums import Rung
from campaigns.models import Broadcast, ContextVersion, Delivery, Receipt
from campaigns.rendering import renderings
from console.demo.month import at

EARLY = "Early-bird ticket"
BY_HAND = (Vendor.ARTISAN, Vendor.MOMENTUM, Vendor.MANUAL)
PASTING, FAILING, UNPROVED = "press-monitor", "whatsapp-br", "web-chat"
"""The last three: one that nobody has pasted yet, one whose system refused it, one that cannot be read back."""
PASTED_IN = 3
"""Minutes that pasting took."""
MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)
LAST_MINUTE = dt.time(23, 59)


def promote(now: dt.datetime, agents: Sequence[Agent], manager: User, chief: User) -> None:
    """Speakers (over since five days), early bird at 499 (replaced), early bird at 449 (in force since yesterday)."""
    team = agents[0].team
    speakers = create_campaign(
        team,
        actor=manager,
        name="Summit speakers",
        brief="The programme of both days is out; Grace Obi opens.",
        valid_to=now + DAY,
        claims=["Forty speakers from eleven countries | the programme"],
    )
    _send(speakers, agents, manager, chief, now - 20 * DAY)
    ContextVersion.objects.filter(pk=speakers.pk).update(valid_to=now - 5 * DAY, valid_from=now - 21 * DAY)
    end_expired()
    ended = Broadcast.objects.get(campaign=speakers.campaign, version=None)
    _arrive(ended, manager, now - 5 * DAY)
    ContextVersion.objects.filter(pk=speakers.pk).update(state_since=now - 5 * DAY)
    first = create_campaign(team, actor=manager, name=EARLY, **_early(now, 499))
    _send(first, agents, manager, chief, now - 9 * DAY)
    second = begin_version(first.campaign, actor=manager)
    second = edit_draft(second, actor=manager, price_micros=449 * MICRO, say=["Group rate from five seats."])
    _send(second, agents, manager, chief, now - 15 * 60 * MINUTE, but=(PASTING, FAILING, UNPROVED))
    Delivery.objects.filter(agent__team=team, probe_at__isnull=False).update(probe_at=now + DAY)


def _early(now: dt.datetime, price: int) -> dict[str, Any]:
    return {
        "offer": "Early-bird ticket",
        "price_micros": price * MICRO,
        "valid_to": at((now + 12 * DAY).date(), LAST_MINUTE),
        "audience": "Everybody who has not bought a ticket yet",
        "never_say": ["last chance"],
    }


def _send(
    version: ContextVersion,
    agents: Sequence[Agent],
    manager: User,
    chief: User,
    when: dt.datetime,
    but: tuple[str, ...] = (),
) -> None:
    """Through the actions, then moved back in time with its receipts."""
    sent = submit(version, agents, manager, chief)
    _arrive(sent, manager, when, but)
    ContextVersion.objects.filter(pk=version.pk).update(state_since=when, created_at=when - 20 * MINUTE)


def submit(version: ContextVersion, agents: Sequence[Agent], manager: User, chief: User) -> Broadcast:
    """Every warning signed for, approved by the chief, and broadcast to these agents."""
    keys = [each.key for each in problems(version, renderings(version, agents))]
    validate_version(version, agents, actor=manager, signed=keys)
    approve_version(version, actor=chief, revision=version.revision)
    return broadcast(version, agents, actor=manager, idempotency_key=f"demo-{version.pk}")


def _arrive(sent: Broadcast, manager: User, when: dt.datetime, but: tuple[str, ...] = ()) -> None:
    for number, row in enumerate(
        Delivery.objects.filter(broadcast=sent).select_related("agent").order_by("agent__slug")
    ):
        _receipt(row, manager, late=row.agent.slug in but)
        _move_back(row, when, when + (number + 1) * 3 * MINUTE)
    Broadcast.objects.filter(pk=sent.pk).update(created_at=when)


def _receipt(row: Delivery, manager: User, *, late: bool) -> None:
    delivery = held(row)
    delivery.due_at, vendor = None, delivery.agent.vendor
    if late:
        _late(delivery)
    elif vendor in BY_HAND or vendor == Vendor.QUALIFIED:
        said = {"evidence": f"Pasted into {delivery.agent.name}'s own page."}
        take_receipt(
            delivery,
            Rung.MANUAL_DONE,
            evidence=said,
            sha256=delivery.sha256,
            actor=manager.actor,
            by=manager,
            minutes=PASTED_IN,
        )
    else:
        there = {"read_back": "next_run" if vendor == Vendor.OURS else "record", "exact": True}
        take_receipt(delivery, Rung.STORED, evidence=there, sha256=delivery.sha256)
    delivery.save()


def _late(delivery: Delivery) -> None:
    rung = {PASTING: Rung.MANUAL_PENDING, FAILING: Rung.FAILED}.get(delivery.agent.slug, Rung.SENT)
    if rung == Rung.FAILED:
        delivery.error = "It refuses what we ask (410)."
    take_receipt(
        delivery,
        rung,
        evidence={"error": delivery.error} if delivery.error else {"exact": True},
        sha256=delivery.sha256,
    )


def _move_back(row: Delivery, begun: dt.datetime, reached: dt.datetime) -> None:
    Delivery.objects.filter(pk=row.pk).update(created_at=begun, state_since=reached, tries=F("tries") + 1)
    Receipt.objects.filter(delivery=row, rung=Rung.QUEUED).update(at=begun)
    Receipt.objects.filter(delivery=row).exclude(rung=Rung.QUEUED).update(at=reached)
