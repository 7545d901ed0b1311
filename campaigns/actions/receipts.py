"""Receipts: the only way a delivery climbs. Nothing is confirmed without evidence."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.actors import SYSTEM, Actor
from agents.base.errors import Conflict, Invalid
from agents.base.hooks import notify
from agents.fleet.actions import note_visit
from agents.fleet.enums import Verb
from agents.fleet.permissions import require
from agents.people.models import User
from agents.runs.actions import resolve_exception
from agents.runs.wake import wire
from audit.actions import record
from campaigns import verbs
from campaigns.enums import HEIGHT, SETTLED, Rung
from campaigns.models import Delivery, Receipt

BY_HAND = (Rung.MANUAL_PENDING, Rung.FAILED, Rung.SENT, Rung.QUEUED)
"""Where a person may step in and paste the text."""
MOST_MINUTES = 480


def take_receipt(
    delivery: Delivery,
    rung: Rung,
    *,
    evidence: dict[str, Any],
    sha256: str = "",
    actor: Actor = SYSTEM,
    by: User | None = None,
    minutes: int = 0,
) -> None:
    """Keeps the evidence and lifts the delivery, whose row the caller holds. A rung that has its receipt keeps it."""
    if rung != Rung.FAILED and delivery.receipts.filter(rung=rung).exists():
        return
    Receipt.objects.create(delivery=delivery, rung=rung, evidence=evidence, sha256=sha256, by=by, minutes=minutes)
    if HEIGHT[rung] > HEIGHT[Rung(delivery.state)]:
        delivery.state, delivery.state_since = rung, timezone.now()
    said = {"rung": rung.value, "sha256": sha256, "minutes": minutes}
    note(verbs.RECEIPT_TAKEN, delivery, actor, **said)
    if delivery.state in SETTLED:
        _settle(delivery)
    if rung in (Rung.STORED, Rung.MANUAL_DONE):
        delivery.probe_at = timezone.now()


def _settle(delivery: Delivery) -> None:
    """Nothing more to do, and nothing to complain of."""
    delivery.due_at, delivery.error = None, ""
    if delivery.exception is not None:
        resolve_exception(delivery.exception, note=str(Rung(delivery.state).label))


@transaction.atomic
def confirm_manual(delivery: Delivery, *, actor: User, evidence: str, minutes: int) -> Delivery:
    """A person pasted the text: what they saw there, and the minutes it cost. Again by the same or another: no change.

    Raises `NotAllowed`; `Conflict` when the delivery is over otherwise; `Invalid` without evidence.
    """
    require(actor, delivery.agent, Verb.BROADCAST)
    delivery = held(delivery)
    if delivery.state == Rung.MANUAL_DONE:
        return delivery
    if delivery.state not in BY_HAND:
        state = Rung(delivery.state).label
        raise Conflict(_("This delivery is closed: %(state)s.") % {"state": state}, "closed")
    _guard(evidence, minutes)
    note_visit(actor, delivery.agent, minutes)
    said = {"evidence": evidence.strip()}
    take_receipt(
        delivery,
        Rung.MANUAL_DONE,
        evidence=said,
        sha256=delivery.sha256,
        actor=actor.actor,
        by=actor,
        minutes=minutes,
    )
    delivery.save()
    return delivery


def _guard(evidence: str, minutes: int) -> None:
    if not evidence.strip() or len(evidence) > 2000:
        problem = _("Say where you pasted it, or what you saw there.")
        raise Invalid(problem, fields={"evidence": [problem]})
    if not 0 <= minutes <= MOST_MINUTES:
        problem = _("Give the minutes it took, at most %(most)s.") % {"most": MOST_MINUTES}
        raise Invalid(problem, fields={"minutes": [problem]})


@transaction.atomic
def retry(delivery: Delivery, *, actor: User) -> Delivery:
    """Let a delivery that failed, or that nobody could confirm, try again at once. Raises `NotAllowed`, `Conflict`."""
    require(actor, delivery.agent, Verb.BROADCAST)
    delivery = held(delivery)
    if delivery.state not in (Rung.FAILED, Rung.SENT):
        state = Rung(delivery.state).label
        raise Conflict(_("This delivery is closed: %(state)s.") % {"state": state}, "closed")
    delivery.due_at, delivery.tries = timezone.now(), 0
    delivery.save(update_fields=["due_at", "tries"])
    note(verbs.DELIVERY_RETRIED, delivery, actor.actor)
    wake()
    return delivery


def held(delivery: Delivery) -> Delivery:
    """The delivery, fresh, until the transaction ends."""
    rows = Delivery.objects.select_related("agent", "rendering__version", "campaign", "exception__agent")
    return rows.select_for_update(no_key=True, of=("self",)).get(pk=delivery.pk)


def note(verb: str, delivery: Delivery, actor: Actor, **data: Any) -> None:
    """The event of what happened to a delivery."""
    record(
        verb,
        actor=actor,
        team_id=delivery.agent.team_id,
        obj=delivery,
        agent_id=delivery.agent_id,
        state=delivery.state,
        broadcast=delivery.broadcast_id,
        **data,
    )
    notify("campaigns")


def wake() -> None:
    """Once this transaction is committed, tell a worker that there is something to deliver."""
    transaction.on_commit(lambda: wire.send("campaigns.deliver", [], "urgent"), robust=True)
