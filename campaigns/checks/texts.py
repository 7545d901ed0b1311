"""Everything that people wrote into a version, by field."""

import re

from campaigns.models import ContextVersion

SINGLE = ("offer", "audience", "brief")
MANY = ("say", "never_say", "claims", "links")
SAID = ("name", "offer", "audience", "say", "claims", "brief")
"""What an agent may repeat to people."""


def texts(version: ContextVersion) -> list[tuple[str, str]]:
    """(field, text), the campaign's name first."""
    single = [("name", version.campaign.name), *((name, getattr(version, name)) for name in SINGLE)]
    return single + [(name, text) for name in MANY for text in getattr(version, name)]


def mentions(text: str, term: str) -> bool:
    """Whether the term stands in the text as whole words."""
    wanted = r"\s+".join(re.escape(word) for word in term.split())
    return bool(wanted and re.search(rf"(?<!\w){wanted}(?!\w)", text, re.IGNORECASE))
