"""The cards that say what needs a person: each counts what its link lists."""

from collections.abc import Collection
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from agents.runs.queries import Need


@dataclass(frozen=True)
class Card:
    """A number that is also a link to what it counts; `more`: there are more than were counted."""

    slug: str
    label: str | Promise
    count: int
    url: str
    more: bool = False


def cards(needs: dict[Need, int], *, unsure: int, short_of_owners: int, more: Collection[Need] = ()) -> list[Card]:
    """The six cards: open exceptions by need, context not confirmed, agents with fewer than two owners."""
    queue = reverse("queue", query={"need": ""})
    waits, exceptions, silent, check_ins = (
        Card(need.value, need.label, needs.get(need, 0), queue + need.value, need in more) for need in Need
    )
    context = Card("context", _("context not confirmed"), unsure, reverse("campaigns"))
    gaps = Card("owners", _("agents short of owners"), short_of_owners, reverse("owners", query={"gap": "short"}))
    return [waits, exceptions, silent, context, gaps, check_ins]
