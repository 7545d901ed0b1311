"""The words an agent gets: in which language, and what it is told when a campaign is over."""

import hashlib

from django.utils import translation
from django.utils.translation import gettext as _


def withdrawal(campaign: str, language: str) -> str:
    """What an agent is told when a campaign no longer applies and nothing takes its place."""
    with translation.override(spoken(language)):
        return _("“%(campaign)s” no longer applies. Do not mention it any more.") % {"campaign": campaign}


def spoken(language: str) -> str:
    """The language of ours nearest to the agent's; English where there is none."""
    try:
        return translation.get_supported_language_variant(language)
    except LookupError:
        return "en"


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
