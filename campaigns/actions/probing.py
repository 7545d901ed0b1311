"""Asking an agent what it was told: only what it says itself is an echo."""

import re

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from agents.base.errors import Conflict, Invalid
from agents.base.money import decimal_text, format_money
from agents.connectors.contract import Reply
from agents.connectors.registry import adapter
from agents.fleet.enums import Verb
from agents.fleet.permissions import require
from agents.people.models import User
from campaigns import verbs
from campaigns.actions.receipts import held, note, take_receipt
from campaigns.enums import CONFIRMED, Rung
from campaigns.models import ContextVersion, Delivery
from campaigns.queries import current


def probe(delivery: Delivery, *, actor: User, key: str) -> Reply | None:
    """Asks the agent for the price of the offer it was told of; an answer that holds exactly that price is its echo.

    Raises `NotAllowed`, `Conflict` (`not_confirmed`, `overtaken`), `Invalid` (`nothing_to_ask`), and what the agent's
    adapter raises: `NotSupported`, `VendorError`. No lock is held while the agent thinks.
    """
    require(actor, delivery.agent, Verb.BROADCAST)
    version = _asked_about(delivery)
    with translation.override(delivery.rendering.language if delivery.rendering else "en"):
        question = _("What does “%(offer)s” cost?") % {"offer": version.offer}
    reply = adapter(delivery.agent).ask(question, key=key)
    with transaction.atomic():
        _heard(held(delivery), version, question, reply, actor)
    return reply


def _asked_about(delivery: Delivery) -> ContextVersion:
    if delivery.state not in CONFIRMED:
        raise Conflict(_("Ask it when it has confirmed."), "not_confirmed")
    if not current(Delivery.objects.filter(pk=delivery.pk)).exists():
        raise Conflict(_("A newer broadcast has replaced this one."), "overtaken")
    version = delivery.rendering.version if delivery.rendering else None
    if version is None or not version.offer or version.price_micros is None:
        raise Invalid(_("There is no price to ask for."), "nothing_to_ask")
    return version


def _heard(delivery: Delivery, version: ContextVersion, question: str, reply: Reply | None, actor: User) -> None:
    said = reply.text[:2000] if reply else ""
    told = {"question": question, "answer": said}
    if says_price(said, version):
        take_receipt(delivery, Rung.ECHOED, evidence=told, sha256=delivery.sha256, actor=actor.actor)
        delivery.save()
    else:
        note(verbs.PROBE_FAILED, delivery, actor.actor, **told)


def says_price(text: str, version: ContextVersion) -> bool:
    """Whether the price stands in the text as people of any of our languages write it, and not as part of another."""
    micros, currency = version.price_micros or 0, version.currency
    exact = decimal_text(micros)
    spellings = {exact, exact.replace(".", ",")}
    for language in ("en", "es", "pt-br"):
        with translation.override(language):
            spellings.add(re.sub(r"[^\d.,]", "", format_money(micros, currency)))
    return any(re.search(rf"(?<![\d.,]){re.escape(each)}(?![\d]|[.,]\d)", text) for each in spellings)
