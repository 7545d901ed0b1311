"""What may not be said, what was never filled in, and amounts that are not the price."""

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

from agents.base.money import format_money
from agents.base.untrusted import INVISIBLE, plain_untrusted
from campaigns.checks.problem import Problem, error, warning
from campaigns.checks.texts import SAID, mentions, texts
from campaigns.models import CampaignRules, ContextVersion
from campaigns.prose import amounts_in, same_currency

PLACEHOLDER = re.compile(
    r"\{\{.*?\}\}|\[\[.*?\]\]|\$\{.*?\}|\{\w*\}|%\(\w+\)s|</?[A-Za-z][\w ]*>|(?-i:\[[A-Z][A-Z _]+\])|_{3,}"
    r"|\b(?:TODO|TBD|TBC|FIXME)\b|(?-i:\bX{2,5}\b)|\blorem ipsum\b|\[(?:insert|your)\b[^\]]*\]",
    re.IGNORECASE,
)
SOURCE = re.compile(r"https?://\S|\||\((?:source|fuente|fonte)\b|\b(?:source|fuente|fonte)\s*:", re.IGNORECASE)
"""How a claim names its source: after a bar, as an address, or by the word."""


def words(version: ContextVersion, rules: CampaignRules) -> Iterable[Problem]:
    """What stands there and should not, and what should stand there and does not."""
    if not (version.offer or version.say or version.brief):
        yield error("empty", _("It says nothing: give an offer, something to say, or a brief."), "offer")
    for field, text in texts(version):
        if found := PLACEHOLDER.search(text):
            yield error("placeholder", _("“%(text)s” was never filled in.") % {"text": found[0]}, field)
        yield from _unseen(field, text)
        if field in SAID:
            yield from _forbidden(version, rules, field, text)
    for claim in version.claims:
        if not SOURCE.search(claim):
            said = _("No source for “%(claim)s”: write it after a bar ( | ).") % {"claim": claim}
            yield warning(f"source:{claim}", said, "claims")


def _unseen(field: str, text: str) -> Iterable[Problem]:
    """What turns words around, or hides within one that may not be said."""
    if found := INVISIBLE.search(text.replace("\r\n", "\n")):
        near = plain_untrusted(text[max(found.start() - 40, 0) : found.end() + 40])
        yield error("unseen", _("“%(text)s” holds a character that nobody sees: type it anew.") % {"text": near}, field)


def _forbidden(version: ContextVersion, rules: CampaignRules, field: str, text: str) -> Iterable[Problem]:
    for term in version.never_say:
        if mentions(text, term):
            yield error("forbidden", _("It says “%(term)s”, which is never to be said.") % {"term": term}, field)
    for term in rules.banned_terms:
        if mentions(text, term):
            yield error("banned", _("It says “%(term)s”, which no campaign may say.") % {"term": term}, field)


def amounts(version: ContextVersion) -> Iterable[Problem]:
    """The typed price against the team's currency, and against every amount in the text."""
    team = version.campaign.team
    if version.price_micros is None:
        return
    if version.currency != team.currency:
        said = {"given": version.currency, "usual": team.currency}
        yield warning("currency", _("The price is in %(given)s, the team's currency is %(usual)s.") % said, "currency")
    price = format_money(version.price_micros, version.currency)
    for field, text in texts(version):
        for written, micros, currency in amounts_in(text) if field in SAID else ():
            if micros != version.price_micros or not same_currency(currency, version.currency):
                told = _("The text says %(said)s, the price is %(price)s.") % {"said": written, "price": price}
                yield warning(f"amount:{written}", told, field)
