"""One canonical version as each agent gets it: in its language, shape and tone, within its allowance."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from typing import TypeAlias

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.base.money import format_money
from agents.fleet.models import Agent
from campaigns.enums import Shape, Topic
from campaigns.models import ContextAllowance, ContextVersion, Rendering
from campaigns.shapes import USUAL, shaped
from campaigns.wordings import in_language
from campaigns.words import sha256, spoken

EXPENDABLE = (Topic.BRIEF, Topic.CLAIMS, Topic.LINKS, Topic.AUDIENCE, Topic.SAY)
"""What is left out first where space is short. Offer, price, validity and what must never be said always stay."""
_Worded: TypeAlias = Callable[[str, Shape, tuple[str, ...], str, int], tuple[str, list[dict[str, str]]]]
MANY = (Topic.SAY, Topic.NEVER_SAY, Topic.CLAIMS, Topic.LINKS)
NOT_ITS_TOPIC = "not_its_topic"
NO_SPACE = "no_space"
REASONS = {
    NOT_ITS_TOPIC: gettext_lazy("not on its list of topics"),
    NO_SPACE: gettext_lazy("no space left for it"),
}


def renderings(version: ContextVersion, agents: Iterable[Agent]) -> list[Rendering]:
    """What each agent would get, unsaved; one query. What many would get alike is put into words once."""
    chosen, worded = list(agents), cache(partial(_worded, version))
    allowances = {row.agent_id: row for row in ContextAllowance.objects.filter(agent__in=chosen)}
    return [render(version, agent, allowances.get(agent.pk) or ContextAllowance(), worded) for agent in chosen]


def render(
    version: ContextVersion, agent: Agent, allowance: ContextAllowance, worded: _Worded | None = None
) -> Rendering:
    """The version in the agent's language, as much of it as it takes; unsaved. `size` may still exceed `budget`.

    `worded` is what puts it into words, where several agents share that.
    """
    worded = worded or partial(_worded, version)
    language, shape = spoken(agent.language), Shape(allowance.shape or USUAL.get(agent.vendor, Shape.PLAIN))
    text, withheld = worded(language, shape, tuple(allowance.topics), allowance.tone, allowance.budget)
    return Rendering(
        version=version,
        agent=agent,
        language=language,
        shape=shape,
        text=text,
        sha256=sha256(text),
        withheld=withheld,
        size=len(text),
        budget=allowance.budget,
    )


def _worded(
    version: ContextVersion, language: str, shape: Shape, topics: tuple[str, ...], tone: str, budget: int
) -> tuple[str, list[dict[str, str]]]:
    version = in_language(version, language)
    with translation.override(language):
        facts = _facts(version, named=not topics or Topic.OFFER in topics)
        told = {topic: text for topic, text in facts.items() if not topics or topic in topics}
        withheld = [_withheld(topic, NOT_ITS_TOPIC) for topic in facts if topic not in told]
        put = partial(shaped, shape, version, tone=_("Tone: %(tone)s") % {"tone": tone} if tone else "")
        withheld += [_withheld(topic, NO_SPACE) for topic in _shed(put, told, budget)]
        return put(told), withheld


def _shed(put: Callable[[dict[Topic, str]], str], told: dict[Topic, str], budget: int) -> Iterator[Topic]:
    """Drops what is expendable from `told` until the rest fits."""
    expendable = iter(EXPENDABLE)
    while len(put(told)) > budget and (topic := next((each for each in expendable if each in told), None)):
        del told[topic]
        yield topic


def _withheld(topic: Topic, reason: str) -> dict[str, str]:
    return {"topic": topic.value, "reason": reason}


def differences(before: ContextVersion, after: ContextVersion) -> dict[str, list[str]]:
    """Each fact that reads otherwise now, by its topic: as it was, and as it is."""
    was, now = _texts(before, named=False), _texts(after, named=False)
    return {
        topic.value: [f"{was.get(topic, '–')} → {now.get(topic, '–')}"]
        for topic in Topic
        if was.get(topic) != now.get(topic)
    }


def _facts(version: ContextVersion, *, named: bool) -> dict[Topic, str]:
    """Each fact that the version has, as a line or more in the active language; `named`: the price with its offer."""
    return {topic: _labelled(topic, text) for topic, text in _texts(version, named=named).items()}


def _labelled(topic: Topic, text: str) -> str:
    if topic in MANY:
        return f"{topic.label}:\n{text}"
    return text if topic is Topic.BRIEF else _("%(label)s: %(text)s") % {"label": topic.label, "text": text}


def _texts(version: ContextVersion, *, named: bool) -> dict[Topic, str]:
    single = {
        Topic.OFFER: version.offer,
        Topic.PRICE: _price(version, version.offer if named else ""),
        Topic.VALIDITY: _validity(version),
        Topic.AUDIENCE: version.audience,
    }
    many = {topic: "\n".join(f"- {item}" for item in getattr(version, topic.value)) for topic in MANY}
    return {topic: text for topic, text in (single | many | {Topic.BRIEF: version.brief}).items() if text}


def _price(version: ContextVersion, offer: str) -> str:
    """With what it is the price of, for who may know: read alone, it still says so."""
    if version.price_micros is None:
        return ""
    price = format_money(version.price_micros, version.currency)
    return _("%(price)s for %(offer)s") % {"price": price, "offer": offer} if offer else price


def _validity(version: ContextVersion) -> str:
    start, end = (_moment(version, moment) for moment in (version.valid_from, version.valid_to))
    if start and end:
        span = _("from %(start)s until %(end)s") % {"start": start, "end": end}
    elif end:
        span = _("until %(end)s") % {"end": end}
    else:
        span = _("from %(start)s") % {"start": start}
    return f"{span} ({version.zone})" if start or end else ""


def _moment(version: ContextVersion, moment: object) -> str:
    return date_format(timezone.localtime(moment, version.tzinfo), "DATETIME_FORMAT") if moment else ""  # type: ignore[arg-type]
