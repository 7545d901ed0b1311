"""What each agent will get beside what it has now, before anybody is told."""

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agents.connectors.enums import Method
from agents.connectors.models import Connection
from agents.connectors.registry import of
from agents.fleet.models import Agent
from campaigns.enums import Topic
from campaigns.models import ContextVersion, Rendering
from campaigns.queries import held
from campaigns.rendering import REASONS, renderings

WORDS = re.compile(r"\s+|[^\s]+")
BY_HAND, SENT, STORED = _("by hand"), _("expects sent"), _("expects stored")
Piece = tuple[str, str]


@dataclass(frozen=True)
class Alike:
    """Agents that would get the same text in place of the same."""

    previews: list["Preview"]

    @property
    def first(self) -> "Preview":
        return self.previews[0]


@dataclass(frozen=True)
class Preview:
    """A text as its agent would get it. `expects` is not a receipt: it is what the agent's system can give at best."""

    rendering: Rendering
    diff: list[Piece]
    expects: str | Promise
    by_hand: bool
    is_mine: bool

    @property
    def tokens(self) -> int:
        """About how many a model would count: four characters each, as vendors say of English."""
        return -(-self.rendering.size // 4)

    @property
    def withheld(self) -> list[tuple[str, str]]:
        """Each fact left out, and why."""
        said = self.rendering.withheld
        return [(str(Topic(each["topic"]).label), str(REASONS[each["reason"]])) for each in said]


def previews(version: ContextVersion, agents: list[Agent], mine: set[object]) -> list[Preview]:
    """One for each agent; three queries."""
    now = {row.agent_id: row.text for row in held(agents).filter(campaign=version.campaign).select_related("rendering")}
    links = {row.agent_id: row for row in Connection.objects.filter(agent__in=agents)}
    found = renderings(version, agents)
    return [_preview(each, now.get(each.agent_id, ""), links.get(each.agent_id), mine) for each in found]


def alike(found: Iterable[Preview]) -> list[Alike]:
    """The same words shown once, with everybody who gets them."""
    groups: dict[object, list[Preview]] = {}
    for each in found:
        groups.setdefault((*each.diff, str(each.rendering.withheld), each.rendering.budget), []).append(each)
    return [Alike(group) for group in groups.values()]


def _preview(rendering: Rendering, now: str, link: Connection | None, mine: set[object]) -> Preview:
    expects = _expects(rendering.agent, link)
    pieces = list(diff(now, rendering.text))
    return Preview(rendering, pieces, expects, expects is BY_HAND, rendering.agent_id in mine)


def _expects(agent: Agent, link: Connection | None) -> str | Promise:
    adapter = of(agent, link)
    if not adapter.can(Method.PUSH_CONTEXT):
        return BY_HAND
    return STORED if adapter.can(Method.CONFIRM) else SENT


def diff(before: str, after: str) -> Iterator[Piece]:
    """The text in pieces, word by word: ("same" | "del" | "ins", words). Without a text before, nothing is marked."""
    if not before:
        yield "same", after
        return
    old, new = WORDS.findall(before), WORDS.findall(after)
    for tag, i, j, k, m in difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        yield from _pieces(tag, old[i:j], new[k:m])


def _pieces(tag: str, old: Iterable[str], new: Iterable[str]) -> Iterator[Piece]:
    gone, come = "".join(old), "".join(new)
    if tag == "equal":
        yield "same", come
        return
    if gone:
        yield "del", gone
    if come:
        yield "ins", come
