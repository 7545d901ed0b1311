"""What a text says about a version: its price or end, something else, or nothing."""

import re

from django.utils import timezone

from campaigns.checks.texts import mentions
from campaigns.models import ContextVersion
from campaigns.prose import amounts_in, days_in, same_currency
from campaigns.wordings import every_wording


def contradiction(text: str, version: ContextVersion) -> str:
    """The words in which a text that speaks of the offer gives another price, or says what is forbidden; else empty."""
    return next((found for each in every_wording(version) if (found := _contradicts(text, each))), "")


def _contradicts(text: str, version: ContextVersion) -> str:
    if forbidden := next((term for term in version.never_say if mentions(text, term)), ""):
        return forbidden
    if version.price_micros is None or not _speaks_of(text, version.offer):
        return ""
    amounts = [(said, micros, currency) for said, micros, currency in amounts_in(text)]
    if any(micros == version.price_micros and same_currency(code, version.currency) for _said, micros, code in amounts):
        return ""
    return amounts[0][0] if amounts else ""


def says_end(text: str, version: ContextVersion) -> bool:
    """Whether the day stands in the text on which the version ends, in its zone."""
    if version.valid_to is None:
        return False
    end = timezone.localtime(version.valid_to, version.tzinfo).date()
    return any(said.day == end for said in days_in(text, end))


def _speaks_of(text: str, offer: str) -> bool:
    words = {word.removesuffix("s") for word in re.findall(r"\w+", text.casefold())}
    wanted = {word.removesuffix("s") for word in re.findall(r"\w+", offer.casefold())}
    return bool(wanted) and wanted <= words
