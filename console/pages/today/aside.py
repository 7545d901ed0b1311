"""What stands beside the fleet, in words: the context in force, who waits, what changed. Drawn by `drawn`, as rows."""

from dataclasses import dataclass
from itertools import groupby

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from agents.base.money import format_money
from agents.base.phrases import spoken
from agents.base.templatetags.rollcall import age
from agents.base.untrusted import plain_untrusted
from console.addresses import address
from console.fragments import drawn
from console.kpis.force import Force
from console.kpis.today import Change, Today, Waiting

TITLE = 90
"""Characters of a question that are shown."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One agent of a strip."""

    rung: str
    url: str
    says: str


@dataclass(frozen=True, slots=True)
class Strip:
    """A version in force and how far it came, agent by agent."""

    url: str
    name: str
    version: str
    cells: tuple[Cell, ...]
    counts: str


@dataclass(frozen=True, slots=True)
class Wait:
    """An agent that waits: for how long, what it asks, whom, and what an hour of it costs."""

    url: str
    agent: str
    age: str
    title: str
    costs: str


@dataclass(frozen=True, slots=True)
class Told:
    """Something of the trail that happened to agents one after the other: each with its page, and when it last did."""

    about: tuple[tuple[str, str], ...]
    text: str
    who: str


@dataclass(frozen=True)
class Aside:
    """The drawn rows of each panel."""

    force: list[SafeString]
    waiting: list[SafeString]
    changed: list[SafeString]


def aside(today: Today) -> Aside:
    return Aside(
        force=[drawn("pages/today/strip.html", _strip(each)) for each in today.force],
        waiting=[drawn("pages/today/wait.html", _wait(each)) for each in today.waiting],
        changed=[drawn("pages/today/told.html", each) for each in told(today.changed)],
    )


def _strip(force: Force) -> Strip:
    return Strip(
        url=address("campaign", force.campaign),
        name=force.name,
        version=f"v{force.number} · {age(force.since)}",
        cells=tuple(
            Cell(cell.rung, address("agent-context", cell.slug), f"{cell.name}: {cell.rung.label}, {age(cell.at)}")
            for cell in force.strip
        ),
        counts=" · ".join(f"{n} {str(rung.label).lower()}" for rung, n in force.counts),
    )


def _wait(waiting: Waiting) -> Wait:
    agent, title = waiting.agent, plain_untrusted(spoken(waiting.title))
    money = format_money(waiting.cost_per_hour_micros, agent.currency) if waiting.cost_per_hour_micros else ""
    said = (
        _("for %(person)s") % {"person": waiting.person} if waiting.person else "",
        _("%(money)s an hour") % {"money": money} if money else "",
    )
    return Wait(
        url=address("queue-item", waiting.item),
        agent=agent.name,
        age=age(waiting.since),
        title=title if len(title) <= TITLE else f"{title[: TITLE - 1]}…",
        costs=" · ".join(filter(None, said)),
    )


def told(changes: list[Change]) -> list[Told]:
    """What the same one did again and again, or agents did one after the other, is said once."""
    again = groupby(changes, key=lambda each: (each.text, _other(each)))
    return [_told(list(row)) for _same, row in again]


def _told(row: list[Change]) -> Told:
    """With the newest place in the trail of each agent."""
    about: dict[str, str] = {}
    for each in row:
        about.setdefault(each.about, each.url)
    who = " · ".join(filter(None, (_other(row[0]), age(row[0].at))))
    return Told(tuple(about.items()), row[0].text, who)


def _other(change: Change) -> str:
    """Who did it, where it was not the agent itself."""
    return "" if change.who == change.about else change.who
