"""What is wrong with a version before anybody is told: errors block, warnings are signed for."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from django.utils import timezone
from django.utils.translation import gettext as _

from agents.base.errors import Invalid
from agents.base.http import check_url
from agents.base.money import format_money
from agents.fleet.models import Agent
from campaigns.models import ContextVersion, Rendering
from campaigns.queries import context_held

PLACEHOLDER = re.compile(r"\{\{.*?\}\}|\[\[.*?\]\]|\$\{.*?\}|\b(?:TODO|TBD|FIXME)\b|\blorem ipsum\b", re.IGNORECASE)


@dataclass(frozen=True)
class Problem:
    """`key` names a warning for whoever signs for it; `field` is the fact it is about, or empty."""

    level: Literal["error", "warning"]
    key: str
    text: str
    field: str = ""


def problems(version: ContextVersion, renderings: list[Rendering]) -> list[Problem]:
    """Everything wrong with the version for these agents, errors first."""
    agents = [rendering.agent for rendering in renderings]
    found = [*_dates(version), *_words(version), *_links(version), *_sizes(renderings)]
    found += [*_price(version), *_contradictions(version, agents), *_languages(version, agents)]
    return sorted(found, key=lambda problem: problem.level)


def _error(key: str, text: str, field: str = "") -> Problem:
    return Problem("error", key, text, field)


def _warning(key: str, text: str, field: str = "") -> Problem:
    return Problem("warning", key, text, field)


def _dates(version: ContextVersion) -> Iterable[Problem]:
    if version.valid_to and version.valid_from and version.valid_to <= version.valid_from:
        yield _error("dates", _("It ends before it begins."), "valid_to")
    elif version.valid_to and version.valid_to <= timezone.now():
        yield _error("over", _("Its end has passed already."), "valid_to")


def _words(version: ContextVersion) -> Iterable[Problem]:
    if not (version.offer or version.say or version.brief):
        yield _error("empty", _("It says nothing: give an offer, something to say, or a brief."), "offer")
    for field, text in _texts(version):
        if found := PLACEHOLDER.search(text):
            yield _error("placeholder", _("“%(text)s” was never filled in.") % {"text": found[0]}, field)
        for term in version.never_say:
            if field in ("offer", "say", "claims", "brief") and _mentions(text, term):
                yield _error("forbidden", _("It says “%(term)s”, which is never to be said.") % {"term": term}, field)


def _texts(version: ContextVersion) -> list[tuple[str, str]]:
    single = [(name, getattr(version, name)) for name in ("offer", "audience", "brief")]
    return single + [
        (name, text) for name in ("say", "never_say", "claims", "links") for text in getattr(version, name)
    ]


def _mentions(text: str, term: str) -> bool:
    return bool(re.search(rf"(?<!\w){re.escape(term.strip())}(?!\w)", text, re.IGNORECASE)) if term.strip() else False


def _links(version: ContextVersion) -> Iterable[Problem]:
    for link in version.links:
        try:
            check_url(link)
        except Invalid as error:
            yield _error("link", f"{link}: {error.message}", "links")
        else:
            if not link.startswith("https://"):
                yield _warning(f"http:{link}", _("%(link)s is not encrypted (http).") % {"link": link}, "links")


def _sizes(renderings: list[Rendering]) -> Iterable[Problem]:
    for rendering in renderings:
        if rendering.size > rendering.budget:
            said = {"agent": rendering.agent, "size": rendering.size, "budget": rendering.budget}
            yield _error("size", _("Too long for %(agent)s: %(size)s characters of %(budget)s.") % said)


def _price(version: ContextVersion) -> Iterable[Problem]:
    before = version.supersedes
    if before is None or before.price_micros is None or _money(before) == _money(version):
        return
    said = {"before": _money(before), "after": _money(version)}
    yield _warning("price", _("The price changes from %(before)s to %(after)s.") % said, "price_micros")


def _money(version: ContextVersion) -> str:
    return "–" if version.price_micros is None else format_money(version.price_micros, version.currency)


def _contradictions(version: ContextVersion, agents: list[Agent]) -> Iterable[Problem]:
    """What other campaigns in force at the same agents say otherwise."""
    rows = context_held(agents).exclude(campaign=version.campaign)
    others = {row.rendering.version_id: row.rendering.version for row in rows if row.rendering}
    for other in others.values():
        if version.offer and _same(version.offer, other.offer) and _money(version) != _money(other):
            said = {"other": other, "price": _money(other)}
            yield _warning(f"price:{other.pk}", _("Contradicts “%(other)s”: price %(price)s.") % said, "price_micros")
        for term in other.never_say:
            if any(_mentions(text, term) for field, text in _texts(version) if field != "never_say"):
                said = {"other": other, "term": term}
                yield _warning(f"term:{other.pk}:{term}", _("“%(other)s” forbids “%(term)s”.") % said)


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _languages(version: ContextVersion, agents: list[Agent]) -> Iterable[Problem]:
    """Facts are not translated: who speaks another language gets them as they were written."""
    if not version.languages:
        return
    foreign = sorted(str(agent) for agent in agents if agent.language not in version.languages)
    if foreign:
        said = {"agents": ", ".join(foreign)}
        yield _warning("language", _("Not written in the language of %(agents)s.") % said, "languages")
