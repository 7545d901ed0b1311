"""A layered drawing of a directed graph, top to bottom (Sugiyama, Tagawa, Toda 1981), in pixels.

Nodes sit on even ranks; every link passes through a cell of its own on the odd rank after its source, wide enough for
its label, so labels never cover one another. The longest way is the spine: one straight line, everything else beside
it. Links that lead back are drawn at the right.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from console.pages.runs.ranks import Cell, Link, Size, chained, leading_back, ranked, spine_of

GAP_X, GAP_Y, MARGIN, BACK_STEP = 16.0, 18.0, 8.0, 14.0
SWEEPS = 8
FIXED = 1e9


@dataclass(frozen=True, slots=True)
class Point:
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Layout:
    """Centres of the nodes; for each link its points from source to target and its label's place; the whole size."""

    centres: dict[str, Point]
    routes: list[tuple[list[Point], Point]]
    size: Size


def layered(sizes: Mapping[str, Size], links: Sequence[Link], start: str) -> Layout:
    """Place every node of `sizes`. `start` comes first; nodes that cannot be reached stand beside it."""
    back = leading_back(start, links, sizes)
    ranks = ranked(sizes, [link for number, link in enumerate(links) if number not in back])
    chains = {n: chained(n, link, ranks) for n, link in enumerate(links) if n not in back}
    rooms: dict[Cell, Size] = dict(sizes.items())
    rooms.update({cell: _room(cell, links, ranks) for chain in chains.values() for cell in chain[1:-1]})
    neighbours = _neighbours(chains.values())
    layers = _ordered(_layers(rooms, ranks), neighbours)
    xs = _across(layers, neighbours, rooms, spine_of(start, links, chains))
    for chain in chains.values():
        xs.update(_straight(chain, xs, layers, rooms))
    ys = _down(layers, rooms)
    centres = {cell: Point(xs[cell], ys[cell]) for cell in rooms}
    return _drawn(centres, rooms, links, chains)


def _room(cell: Cell, links: Sequence[Link], ranks: Mapping[str, int]) -> Size:
    if isinstance(cell, str):
        raise TypeError(f"{cell} is a node and has its size.")
    link = links[cell[0]]
    return link.label if cell[1] == ranks[link.source] + 1 else Size(0, 0)


def _neighbours(chains: Iterable[Sequence[Cell]]) -> dict[Cell, list[Cell]]:
    found: dict[Cell, list[Cell]] = defaultdict(list)
    for chain in chains:
        for upper, lower in pairwise(chain):
            found[upper].append(lower)
            found[lower].append(upper)
    return found


def _layers(rooms: Mapping[Cell, Size], ranks: Mapping[str, int]) -> list[list[Cell]]:
    by_rank: dict[int, list[Cell]] = defaultdict(list)
    for cell in rooms:
        by_rank[ranks[cell] if isinstance(cell, str) else cell[1]].append(cell)
    return [by_rank[rank] for rank in sorted(by_rank)]


def _ordered(layers: list[list[Cell]], neighbours: Mapping[Cell, list[Cell]]) -> list[list[Cell]]:
    """Each layer in the order of its cells' neighbours above, then below, some sweeps long: fewer crossings."""
    for sweep in range(SWEEPS):
        order = range(1, len(layers)) if sweep % 2 == 0 else range(len(layers) - 2, -1, -1)
        for index in order:
            fixed = {cell: place for place, cell in enumerate(layers[index - 1 if sweep % 2 == 0 else index + 1])}
            own = {cell: place for place, cell in enumerate(layers[index])}
            layers[index].sort(key=lambda cell: (_mean(neighbours[cell], fixed, own[cell]), own[cell]))
    return layers


def _mean(cells: Sequence[Cell], places: Mapping[Cell, float], default: float) -> float:
    found = [places[cell] for cell in cells if cell in places]
    return sum(found) / len(found) if found else default


def _across(
    layers: list[list[Cell]], neighbours: Mapping[Cell, list[Cell]], rooms: Mapping[Cell, Size], spine: set[Cell]
) -> dict[Cell, float]:
    """x of every cell: the spine at 0, others near their neighbours' mean, none nearer than their rooms allow."""
    xs: dict[Cell, float] = dict.fromkeys(rooms, 0.0)
    for sweep in range(2 * SWEEPS):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            wanted = [0.0 if cell in spine else _mean(neighbours[cell], xs, xs[cell]) for cell in layer]
            weights = [FIXED if cell in spine else 1.0 for cell in layer]
            xs.update(_spread(layer, wanted, weights, rooms))
    left = min(xs[cell] - rooms[cell].width / 2 for cell in xs) - MARGIN
    return {cell: x - left for cell, x in xs.items()}


def _straight(
    chain: Sequence[Cell], xs: Mapping[Cell, float], layers: Sequence[Sequence[Cell]], rooms: Mapping[Cell, Size]
) -> dict[Cell, float]:
    """One x for all the places a long link passes after its label, where there is one that is free in every layer."""
    passes = chain[2:-1]
    others = [cell for layer in layers if set(layer) & set(passes) for cell in layer if cell not in passes]

    def free(x: float) -> bool:
        return all(abs(x - xs[cell]) >= (rooms[cell].width + GAP_X) / 2 for cell in others)

    wanted = [xs[chain[-1]], xs[chain[1]], *(xs[cell] for cell in passes)]
    return dict.fromkeys(passes, next(filter(free, wanted), 0.0)) if any(map(free, wanted)) else {}


def _spread(
    layer: Sequence[Cell], wanted: Sequence[float], weights: Sequence[float], rooms: Mapping[Cell, Size]
) -> dict[Cell, float]:
    """The places nearest to `wanted` (least squares) that keep the order and the gaps: pool adjacent violators."""
    offsets = [0.0]
    for left, right in pairwise(layer):
        offsets.append(offsets[-1] + (rooms[left].width + rooms[right].width) / 2 + GAP_X)
    pools: list[tuple[float, float, int]] = []
    for want, weight, offset in zip(wanted, weights, offsets, strict=True):
        pools.append((want - offset, weight, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (one_x, one_weight, one_count), (x, weight, count) = pools[-2:]
            both = one_weight + weight
            pools[-2:] = [((one_x * one_weight + x * weight) / both, both, one_count + count)]
    flat = [x for x, _weight, count in pools for _ in range(count)]
    return {cell: x + offset for cell, x, offset in zip(layer, flat, offsets, strict=True)}


def _down(layers: list[list[Cell]], rooms: Mapping[Cell, Size]) -> dict[Cell, float]:
    ys: dict[Cell, float] = {}
    top = MARGIN
    for layer in layers:
        height = max(rooms[cell].height for cell in layer)
        ys.update(dict.fromkeys(layer, top + height / 2))
        top += height + GAP_Y
    return ys


def _drawn(
    centres: Mapping[Cell, Point], rooms: Mapping[Cell, Size], links: Sequence[Link], chains: Mapping[int, list[Cell]]
) -> Layout:
    right = max(point.x + rooms[cell].width / 2 for cell, point in centres.items())
    bottom = max(point.y + rooms[cell].height / 2 for cell, point in centres.items())
    routes: list[tuple[list[Point], Point]] = []
    for number, link in enumerate(links):
        if number in chains:
            routes.append(_forward(chains[number], centres, rooms))
        else:
            right += BACK_STEP + link.label.width / 2
            routes.append(_backward(link, right, centres, rooms))
            right += link.label.width / 2
    nodes = {cell: point for cell, point in centres.items() if isinstance(cell, str)}
    return Layout(nodes, routes, Size(right + MARGIN, bottom + MARGIN))


def _forward(
    chain: Sequence[Cell], centres: Mapping[Cell, Point], rooms: Mapping[Cell, Size]
) -> tuple[list[Point], Point]:
    source, *passes, target = chain
    points = [Point(centres[source].x, centres[source].y + rooms[source].height / 2)]
    for cell in passes:
        half = rooms[cell].height / 2
        points += [Point(centres[cell].x, centres[cell].y - half), Point(centres[cell].x, centres[cell].y + half)]
    points.append(Point(centres[target].x, centres[target].y - rooms[target].height / 2))
    return points, centres[passes[0]]


def _backward(
    link: Link, x: float, centres: Mapping[Cell, Point], rooms: Mapping[Cell, Size]
) -> tuple[list[Point], Point]:
    source, target = centres[link.source], centres[link.target]
    leave = Point(source.x + rooms[link.source].width / 2, source.y)
    arrive = Point(target.x + rooms[link.target].width / 2, target.y + (6 if link.source == link.target else 0))
    if link.source == link.target:
        leave = Point(leave.x, leave.y - 6)
    return [leave, Point(x, leave.y), Point(x, arrive.y), arrive], Point(x, (leave.y + arrive.y) / 2)
