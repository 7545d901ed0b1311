"""A version against the one it replaces, and against what else its agents were told."""

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

from agents.base.money import format_money
from agents.fleet.models import Agent
from campaigns.checks.problem import Problem, warning
from campaigns.checks.texts import SAID, mentions, texts
from campaigns.models import ContextVersion
from campaigns.queries import context_held


def price(version: ContextVersion) -> Iterable[Problem]:
    """A price that changes is looked at once more."""
    before = version.supersedes
    if before is None or before.price_micros is None or money(before) == money(version):
        return
    said = {"before": money(before), "after": money(version)}
    yield warning("price", _("The price changes from %(before)s to %(after)s.") % said, "price_micros")


def money(version: ContextVersion) -> str:
    """The price for people."""
    return "–" if version.price_micros is None else format_money(version.price_micros, version.currency)


def contradictions(version: ContextVersion, agents: list[Agent]) -> Iterable[Problem]:
    """What other campaigns in force at the same agents say otherwise, or say already."""
    rows = context_held(agents).exclude(campaign=version.campaign)
    others = {row.rendering.version_id: row.rendering.version for row in rows if row.rendering}
    for other in others.values():
        if version.offer and _same(version.offer, other.offer):
            yield from _of_one_offer(version, other)
        yield from _forbidden(version, other)


def _of_one_offer(version: ContextVersion, other: ContextVersion) -> Iterable[Problem]:
    if money(version) != money(other):
        said = {"other": other, "price": money(other)}
        yield warning(f"price:{other.pk}", _("Contradicts “%(other)s”: price %(price)s.") % said, "price_micros")
    elif version.valid_to != other.valid_to:
        text = _("Contradicts “%(other)s”: it ends at another time.") % {"other": other}
        yield warning(f"valid_to:{other.pk}", text, "valid_to")
    else:
        yield warning(f"twice:{other.pk}", _("“%(other)s” says the same already.") % {"other": other}, "offer")


def _forbidden(version: ContextVersion, other: ContextVersion) -> Iterable[Problem]:
    """What one says and the other forbids, both ways."""
    for mine, theirs in ((version, other), (other, version)):
        for term in theirs.never_say:
            if any(mentions(text, term) for field, text in texts(mine) if field in SAID):
                said = {"theirs": theirs, "term": term, "mine": mine}
                text = _("“%(theirs)s” forbids “%(term)s”, “%(mine)s” says it.") % said
                yield warning(f"term:{other.pk}:{term}", text)


def _same(one: str, other: str) -> bool:
    """Whether two offers are one: case, hyphens and a plural do not make them two."""
    first, second = ({word.removesuffix("s") for word in re.findall(r"\w+", text.casefold())} for text in (one, other))
    return bool(first) and first == second
