"""Addresses: well-formed, of a host that may be linked, and answering when they were last looked at."""

import datetime as dt
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.base.errors import Invalid
from agents.base.http import check_url
from campaigns.checks.problem import Problem, error, warning
from campaigns.checks.texts import texts
from campaigns.models import CampaignRules, CheckedLink, ContextVersion

FRESH = dt.timedelta(hours=1)
"""How long a look at a link is believed."""
WRITTEN = re.compile(r"https?://[^\s<>\"'“”)\]|]+", re.IGNORECASE)
DEAD, MOVED, MUTE = "dead", "moved", "mute"
FOUND = {
    DEAD: (error, gettext_lazy("%(link)s is dead.")),
    MOVED: (warning, gettext_lazy("%(link)s leads to another address: nobody can say from here what is there.")),
    MUTE: (warning, gettext_lazy("%(link)s did not answer.")),
}
UNSEEN = (warning, gettext_lazy("Nobody has looked whether %(link)s answers."))


def addresses(version: ContextVersion) -> list[str]:
    """Every address of the version, those in its text included, each once."""
    written = [
        url.rstrip(".,;:!?") for field, text in texts(version) if field != "links" for url in WRITTEN.findall(text)
    ]
    return list(dict.fromkeys([*version.links, *written]))


def seen(version: ContextVersion) -> dict[str, str]:
    """The problem, or "", of each address that was looked at lately."""
    rows = CheckedLink.objects.filter(team=version.campaign.team_id, url__in=addresses(version))
    return dict(rows.filter(checked_at__gt=timezone.now() - FRESH).values_list("url", "problem"))


def links(version: ContextVersion, rules: CampaignRules) -> Iterable[Problem]:
    """What is wrong with each address."""
    looked = seen(version) if addresses(version) else {}
    for link in addresses(version):
        try:
            check_url(link)
        except Invalid as refused:
            yield error("link", f"{link}: {refused.message}", "links")
            continue
        yield from _about(link, rules, looked)


def _about(link: str, rules: CampaignRules, looked: dict[str, str]) -> Iterable[Problem]:
    if not link.startswith("https://"):
        yield warning(f"http:{link}", _("%(link)s is not encrypted (http).") % {"link": link}, "links")
    if not _listed(link, rules.link_hosts):
        yield error("unlisted", _("%(link)s is not of a host that campaigns may link to.") % {"link": link}, "links")
    level, text = FOUND.get(looked[link], (None, "")) if link in looked else UNSEEN
    if level:
        yield level(f"link:{link}", text % {"link": link}, "links")


def _listed(link: str, hosts: Iterable[str]) -> bool:
    """Whether the host is on the list, itself or below one that is; an empty list allows all."""
    host = (urlsplit(link).hostname or "").lower()
    listed = [each.lower() for each in hosts]
    return not listed or any(host == each or host.endswith(f".{each}") for each in listed)
