"""Figures with their spread, and the table they are printed in."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

STEADY = 0.15
"""A floor that moved more than this between repeats says that the machine was busy: measure again."""
HEADINGS = ("what", "ours (spread)", "floor or peer in the same run", "ratio", "goal", "met")


@dataclass(frozen=True)
class Spread:
    """The values of all repeats in one unit."""

    values: tuple[float, ...]
    unit: str

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def restless(self) -> bool:
        """Whether the middle half of the values spans more than STEADY of the median."""
        if len(self.values) < 4:
            return False
        low, _middle, high = statistics.quantiles(self.values, n=4, method="inclusive")
        return high - low > STEADY * self.median

    def __str__(self) -> str:
        low, high = min(self.values), max(self.values)
        return f"{_short(self.median)} ({_short(low)}–{_short(high)}) {self.unit}"


@dataclass(frozen=True)
class Row:
    """One figure. `floor` is the least anybody could need for the same work; `met` None: told for information."""

    what: str
    ours: Spread | str
    floor: Spread | None = None
    floor_name: str = ""
    goal: str = ""
    met: bool | None = None

    @property
    def ratio(self) -> float:
        """Ours by the floor, the median over the repeats, each with the floor measured beside it."""
        assert isinstance(self.ours, Spread)
        assert self.floor
        return statistics.median(a / b for a, b in zip(self.ours.values, self.floor.values, strict=True))

    def cells(self) -> tuple[str, ...]:
        floor = f"{self.floor}, {self.floor_name}" if self.floor else self.floor_name
        if self.floor and self.floor.restless:
            floor += " — restless, measure again"
        ratio = f"{self.ratio:.2f}" if self.floor else ""
        met = {True: "yes", False: "NO", None: ""}[self.met]
        return self.what, str(self.ours), floor, ratio, self.goal, met


def spread(values: Sequence[float], unit: str) -> Spread:
    return Spread(tuple(values), unit)


def against(
    what: str, ours: Spread, floor: Spread, floor_name: str, *, most: float | None = None, least: float | None = None
) -> Row:
    """A figure beside its floor; `most` or `least` is the goal for the ratio."""
    row = Row(what, ours, floor, floor_name)
    if most is not None:
        return Row(what, ours, floor, floor_name, f"≤ {most:g} × the floor", row.ratio <= most)
    if least is not None:
        return Row(what, ours, floor, floor_name, f"≥ {least:g} × the floor", row.ratio >= least)
    return row


def at_most(what: str, ours: Spread, most: float) -> Row:
    """A figure whose median must not exceed `most`."""
    return Row(what, ours, goal=f"≤ {most:g} {ours.unit}", met=ours.median <= most)


def at_least(what: str, ours: Spread, least: float, floor: Spread | None = None, floor_name: str = "") -> Row:
    """A figure whose median must reach `least`."""
    return Row(what, ours, floor, floor_name, f"≥ {least:,g} {ours.unit}", ours.median >= least)


def printed(rows: Sequence[Row]) -> str:
    """The rows as one plain table."""
    table = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(len(cells[number]) for cells in table) for number in range(len(HEADINGS))]
    lines = [" | ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)) for cells in table]
    return "\n".join([lines[0], "-|-".join("-" * width for width in widths), *lines[1:]])


def _short(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"
