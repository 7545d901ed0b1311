"""The cards that say what needs a person: each counts what its link lists."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agents.people.models import Team, User
from agents.runs.queries import Need


@dataclass(frozen=True)
class Card:
    """A number that is also a link to what it counts."""

    slug: str
    label: str | Promise
    count: int
    url: str


@dataclass(frozen=True)
class Counted:
    """A card counted by a higher app with a query of its own."""

    slug: str
    label: str | Promise
    count: Callable[[User, Team], int]
    url: Callable[[], str]


_others: list[Counted] = []


def register(card: Counted) -> None:
    """Show this card too; called in `ready()`."""
    _others.append(card)


def cards(user: User, team: Team, needs: dict[Need, int], short_of_owners: int) -> list[Card]:
    """The cards: open exceptions by need, what higher apps count, and agents with fewer than two owners."""
    waits, exceptions, silent, check_ins = (
        Card(need.value, need.label, needs.get(need, 0), reverse("queue", query={"need": need.value})) for need in Need
    )
    others = [Card(card.slug, card.label, card.count(user, team), card.url()) for card in _others]
    gaps = Card("owners", _("agents short of owners"), short_of_owners, reverse("owners", query={"gap": "short"}))
    return [waits, exceptions, silent, *others, gaps, check_ins]
