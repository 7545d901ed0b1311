"""Which node of a graph stands above which: ranks, the places links pass, and the longest way."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Link:
    """A way from one node to another; `label` is the room its words need."""

    source: str
    target: str
    label: Size = Size(0, 0)


Cell = str | tuple[int, int]
"""A node's name, or (number of the link, rank) for the place where a link passes."""


def leading_back(start: str, links: Sequence[Link], names: Iterable[str]) -> set[int]:
    """Numbers of the links that close a circle, found depth first from `start`."""
    ways: dict[str, list[int]] = defaultdict(list)
    for number, link in enumerate(links):
        ways[link.source].append(number)
    back: set[int] = set()
    state: dict[str, str] = {}

    def visit(name: str) -> None:
        state[name] = "open"
        for number in ways[name]:
            target = links[number].target
            if state.get(target) == "open":
                back.add(number)
            elif target not in state:
                visit(target)
        state[name] = "closed"

    for name in (start, *names):
        if name not in state:
            visit(name)
    return back


def ranked(names: Iterable[str], links: Sequence[Link]) -> dict[str, int]:
    """Twice the longest way from a node without predecessor; `links` has no circle."""
    before: dict[str, list[str]] = defaultdict(list)
    for link in links:
        before[link.target].append(link.source)
    ranks: dict[str, int] = {}

    def rank(name: str) -> int:
        if name not in ranks:
            ranks[name] = max((rank(source) + 2 for source in before[name]), default=0)
        return ranks[name]

    return {name: rank(name) for name in names}


def chained(number: int, link: Link, ranks: Mapping[str, int]) -> list[Cell]:
    between = range(ranks[link.source] + 1, ranks[link.target])
    return [link.source, *((number, rank) for rank in between), link.target]


def spine_of(start: str, links: Sequence[Link], chains: Mapping[int, list[Cell]]) -> set[Cell]:
    """The cells of the longest way on from `start`; of equal ways the one named first."""
    ways: dict[str, list[int]] = defaultdict(list)
    for number in chains:
        ways[links[number].source].append(number)

    def length(name: str) -> int:
        return max((length(links[number].target) + 1 for number in ways[name]), default=0)

    name, cells = start, set[Cell]([start])
    while ways[name]:
        number = max(ways[name], key=lambda way: length(links[way].target))
        cells.update(chains[number])
        name = links[number].target
    return cells
