"""Asking an agent what it was told: only what it says itself is an echo, and what it says otherwise is an exception."""

import datetime as dt
import logging
import re

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from agents.base.actors import SYSTEM, Actor
from agents.base.errors import Conflict, Invalid, Refused
from agents.base.ids import uuid7
from agents.base.money import decimal_text, format_money
from agents.base.phrases import phrase
from agents.connectors.contract import NotSupported, Reply
from agents.connectors.registry import adapter
from agents.fleet.enums import Verb
from agents.fleet.permissions import require
from agents.people.models import User
from agents.runs.actions import raise_exception, resolve_exception
from agents.runs.enums import ExceptionKind, Severity
from campaigns import verbs
from campaigns.actions.receipts import held, note, take_receipt
from campaigns.enums import CONFIRMED, Rung, VersionState
from campaigns.models import ContextVersion, Delivery
from campaigns.queries import current
from campaigns.saying import says_end
from campaigns.wordings import in_language

log = logging.getLogger(__name__)
DAILY = dt.timedelta(days=1)
AGAIN = dt.timedelta(hours=1)
"""After an agent could not be asked."""
BATCH = 20
SAYS_OTHERWISE = phrase("%(agent)s, asked, does not repeat “%(version)s”")


def probe(delivery: Delivery, *, actor: User, key: str) -> Reply | None:
    """Asks the agent for the price of the offer it was told of, or for its last day; an answer that holds exactly that
    is its echo.

    Raises `NotAllowed`, `Conflict` (`not_confirmed`, `overtaken`), `Invalid` (`nothing_to_ask`), and what the agent's
    adapter raises: `NotSupported`, `VendorError`. No lock is held while the agent thinks.
    """
    require(actor, delivery.agent, Verb.BROADCAST)
    return _ask(delivery, actor.actor, key)


def probe_due() -> int:
    """Asks the agents whose turn it is, after their receipt and then daily while the version is live; how many."""
    asked = 0
    for delivery in _claimed():
        try:
            _ask(delivery, SYSTEM, str(uuid7()))
            asked += 1
        except (NotSupported, Invalid, Conflict):
            Delivery.objects.filter(pk=delivery.pk).update(probe_at=None)
        except Refused as error:
            log.info("Delivery %s could not be asked about: %s", delivery.pk, error.code)
            Delivery.objects.filter(pk=delivery.pk).update(probe_at=timezone.now() + AGAIN)
    return asked


def _claimed() -> list[Delivery]:
    """Each is asked by one worker; its next turn is tomorrow."""
    with transaction.atomic():
        rows = Delivery.objects.filter(probe_at__lte=timezone.now(), broadcast__version__state=VersionState.LIVE)
        due = list(rows.order_by("probe_at").select_for_update(of=("self",), skip_locked=True)[:BATCH])
        ids = [row.pk for row in due]
        Delivery.objects.filter(pk__in=ids).update(probe_at=timezone.now() + DAILY)
    return list(Delivery.objects.filter(pk__in=ids).select_related("agent__team", "rendering__version", "campaign"))


def _ask(delivery: Delivery, actor: Actor, key: str) -> Reply | None:
    version = _asked_about(delivery)
    question = question_of(version, delivery.rendering.language if delivery.rendering else "en")
    reply = adapter(delivery.agent).ask(question, key=key)
    with transaction.atomic():
        _heard(held(delivery), version, question, reply, actor)
    return reply


def question_of(version: ContextVersion, language: str) -> str:
    """The question whose answer is a fact of the version. Raises `Invalid` (`nothing_to_ask`)."""
    version = in_language(version, language)
    with translation.override(language):
        if version.offer and version.price_micros is not None:
            return _("What does “%(offer)s” cost?") % {"offer": version.offer}
        if version.offer and version.valid_to:
            return _("Until which day is “%(offer)s” valid?") % {"offer": version.offer}
    raise Invalid(_("There is no price to ask for."), "nothing_to_ask")


def _asked_about(delivery: Delivery) -> ContextVersion:
    if delivery.state not in CONFIRMED:
        raise Conflict(_("Ask it when it has confirmed."), "not_confirmed")
    if not current(Delivery.objects.filter(pk=delivery.pk)).exists():
        raise Conflict(_("A newer broadcast has replaced this one."), "overtaken")
    if delivery.rendering is None:
        raise Invalid(_("There is no price to ask for."), "nothing_to_ask")
    return delivery.rendering.version


def _heard(delivery: Delivery, version: ContextVersion, question: str, reply: Reply | None, actor: Actor) -> None:
    said = reply.text[:2000] if reply else ""
    told = {"question": question, "answer": said}
    right = says_price(said, version) if version.price_micros is not None else says_end(said, version)
    if right:
        take_receipt(delivery, Rung.ECHOED, evidence=told, sha256=delivery.sha256, actor=actor)
        if delivery.exception is not None:
            resolve_exception(delivery.exception, note=said)
    else:
        note(verbs.PROBE_FAILED, delivery, actor, **told)
        _complain(delivery, version, told)
    delivery.save()


def _complain(delivery: Delivery, version: ContextVersion, told: dict[str, str]) -> None:
    """Once, until it is closed."""
    if delivery.exception is not None and delivery.exception.resolved_at is None:
        return
    delivery.exception = raise_exception(
        delivery.agent,
        kind=ExceptionKind.STALE_CONTEXT,
        severity=Severity.HIGH,
        title=SAYS_OTHERWISE % {"agent": delivery.agent, "version": version},
        detail=told["answer"],
        evidence={**told, "delivery": str(delivery.pk), "campaign": str(delivery.campaign_id)},
        cause=f"probe:{version.pk}",
        actor=SYSTEM,
    )


def says_price(text: str, version: ContextVersion) -> bool:
    """Whether the price stands in the text as people of any of our languages write it, and not as part of another."""
    micros, currency = version.price_micros or 0, version.currency
    exact = decimal_text(micros)
    spellings = {exact, exact.replace(".", ",")}
    for language in ("en", "es", "pt-br"):
        with translation.override(language):
            spellings.add(re.sub(r"[^\d.,]", "", format_money(micros, currency)))
    return any(re.search(rf"(?<![\d.,]){re.escape(each)}(?![\d]|[.,]\d)", text) for each in spellings)
