"""The coverage grid: agents by people, and what it says about each."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from agents.fleet.enums import OwnerRole
from agents.fleet.queries import AgentCover, Gap, OwnerCover
from agents.people.models import User
from console.pages.agents.queries import Figure

ALONE = "alone"
"""The filter for agents that fewer than two people really worked with lately."""


@dataclass(frozen=True)
class Load:
    """What one person carries: seats held, those as primary, and agents only they really worked with."""

    user: User
    seats: int
    primary: int
    alone: int


@dataclass(frozen=True)
class Row:
    """One agent and its cell for each person of the grid, None where they have no seat."""

    cover: AgentCover
    cells: list[OwnerCover | None]

    @property
    def gap(self) -> str:
        """What is missing, in words; empty when nothing is."""
        return " · ".join(str(gap.label) for gap in self.cover.gaps)


def people_of(covers: Iterable[AgentCover]) -> list[User]:
    """Everybody with a seat, by name."""
    found = {owner.seat.user_id: owner.seat.user for cover in covers for owner in cover.owners}
    return sorted(found.values(), key=lambda user: (not user.is_active, user.name.casefold(), user.pk))


def rows(covers: Iterable[AgentCover], people: list[User]) -> list[Row]:
    """The grid, row by row."""
    return [Row(cover, _cells(cover, people)) for cover in covers]


def _cells(cover: AgentCover, people: list[User]) -> list[OwnerCover | None]:
    by_user = {owner.seat.user_id: owner for owner in cover.owners}
    return [by_user.get(user.pk) for user in people]


def loads(covers: Iterable[AgentCover], people: list[User]) -> list[Load]:
    """What each person carries, the most loaded first."""
    listed = list(covers)
    owned = [owner for cover in listed for owner in cover.owners]
    seats = Counter(owner.seat.user_id for owner in owned)
    primary = Counter(owner.seat.user_id for owner in owned if owner.seat.role == OwnerRole.PRIMARY)
    alone = Counter(_only(cover) for cover in listed if cover.bus_factor == 1)
    found = [Load(user, seats[user.pk], primary[user.pk], alone[user.pk]) for user in people]
    return sorted(found, key=lambda load: (-load.seats, load.user.name.casefold()))


def _only(cover: AgentCover) -> object:
    return next(owner.seat.user_id for owner in cover.owners if owner.counts and owner.acted_at)


def wanted(cover: AgentCover, gap: str) -> bool:
    """Whether the filter `gap` shows this agent."""
    return not gap or (cover.bus_factor < 2 if gap == ALONE else gap in cover.gaps)


def figures(covers: list[AgentCover], chosen: str) -> list[Figure]:
    """Each gap with its number of agents, as a filter; what is nowhere missing is left out."""
    labels = {ALONE: _("fewer than two people acted in 30 days"), **dict(Gap.choices)}
    found = {gap: sum(wanted(cover, gap) for cover in covers) for gap in (Gap.SHORT, *labels)}
    return [
        Figure(str(labels[gap]), n, f"?gap={gap}" if gap != chosen else "?", gap == chosen, hot=gap == Gap.SHORT)
        for gap, n in found.items()
        if n or gap == chosen
    ]
