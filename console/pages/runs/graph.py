"""A run's flow as a drawing: every node with what became of it, every way with its criterion, branches side by side."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from textwrap import wrap
from typing import Any

from agents.base.phrases import spoken
from agents.runs.models import Step
from console.pages.runs.curves import curve
from console.pages.runs.fates import Fate, node_fate
from console.pages.runs.layout import Layout, Point, layered
from console.pages.runs.path import critical_keys
from console.pages.runs.ranks import Link, Size
from console.pages.runs.timeline import waited_ms

BOX = Size(156, 46)
BRANCH = Size(120, 46)
BRANCHES_A_ROW = 3
HEAD, PAD, LINE = 30.0, 8.0, 13.0
LETTER = 6.1
"""Mean width of a letter of a criterion, in pixels."""
LETTERS = 18
"""Most letters a line of a criterion."""


@dataclass(frozen=True, slots=True)
class Box:
    """One node: where it stands (top left), what became of it, and the step its link leads to."""

    name: str
    kind: str
    fate: Fate
    steps: Sequence[Step]
    critical: bool
    x: float
    y: float
    size: Size

    @property
    def label(self) -> str:
        return spoken(self.name)

    @property
    def short(self) -> str:
        most = int((self.size.width - 30) / 7)
        return self.label if len(self.label) <= most else f"{self.label[: most - 1]}…"

    @property
    def shape_x(self) -> float:
        """Where a frame's shape stands: at the right of its head."""
        return self.size.width - 22

    @property
    def visits(self) -> int:
        return len(self.steps)

    @property
    def took_ms(self) -> int:
        """What its visits took; for a person, how long the run waited."""
        return sum(max(step.latency_ms, waited_ms(step)) for step in self.steps)

    @property
    def last(self) -> Step | None:
        return self.steps[-1] if self.steps else None


@dataclass(frozen=True, slots=True)
class Plate:
    """The ground under the words of a way, so that no line runs through them."""

    x: float
    y: float
    size: Size


@dataclass(frozen=True, slots=True)
class Way:
    """One edge: its curve, its criterion in lines, whether this run took it, and whether it is the way of a failure."""

    curve: str
    criterion: str
    lines: list[tuple[float, float, str]]
    plate: Plate | None
    taken: bool
    failed: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything the template needs; `frames` are parallel sets drawn around their branches, `inner` the sub-flows."""

    name: str
    pattern: str
    size: Size
    frames: list[Box]
    boxes: list[Box]
    ways: list[Way]
    inner: "list[Drawing]"


def drawing(graph: Mapping[str, Any], steps: Iterable[Step], *, over: bool) -> Drawing:
    """`graph` as the engine describes it, `steps` of one run in order, `over` once nothing more will run."""
    known = list(steps)
    return Artist(known, critical_keys(known), over).draw(graph, "")


@dataclass(frozen=True, slots=True)
class Artist:
    steps: list[Step]
    critical: frozenset[str]
    over: bool

    def draw(self, graph: Mapping[str, Any], prefix: str) -> Drawing:
        """`prefix` is put before the keys of this graph's steps: empty, or the step of the node it is inside of."""
        nodes = {node["name"]: node for node in graph["nodes"]}
        branches = {name for node in nodes.values() for name in node["branches"]}
        found = self._by_node(prefix, nodes)
        sizes = {name: _size(node) for name, node in nodes.items() if name not in branches}
        links = [Link(edge["source"], edge["target"], _label(edge["criterion"])) for edge in graph["edges"]]
        layout = layered(sizes, links, graph["start"])
        tops = [self._box(nodes[name], found[name], _corner(layout, name, size), size) for name, size in sizes.items()]
        return Drawing(
            name=graph["name"],
            pattern=graph["pattern"],
            size=layout.size,
            frames=[box for box in tops if nodes[box.name]["branches"]],
            boxes=[box for box in tops if not nodes[box.name]["branches"]]
            + [inner for box in tops for inner in self._branches(box, nodes, found)],
            ways=_ways(graph["edges"], layout, _taken(graph["edges"], found)),
            inner=[
                self.draw(node["flow"], f"{_last_key(found[name], prefix, name)}/")
                for name, node in nodes.items()
                if node["flow"]
            ],
        )

    def _by_node(self, prefix: str, nodes: Mapping[str, Any]) -> dict[str, list[Step]]:
        """Each node's own steps, one a visit: those of calls, questions and sub-flows inside it are left out."""
        found: dict[str, list[Step]] = defaultdict(list)
        for step in self.steps:
            rest = step.key.removeprefix(prefix).split("/")
            depth = 3 if step.branch else 2
            if step.key.startswith(prefix) and step.node in nodes and len(rest) == depth:
                found[step.node].append(step)
        return found

    def _box(self, node: Mapping[str, Any], steps: Sequence[Step], corner: Point, size: Size) -> Box:
        return Box(
            name=node["name"],
            kind=node["kind"],
            fate=node_fate(steps, over=self.over),
            steps=steps,
            critical=any(step.key in self.critical for step in steps),
            x=corner.x,
            y=corner.y,
            size=size,
        )

    def _branches(self, frame: Box, nodes: Mapping[str, Any], found: Mapping[str, Sequence[Step]]) -> list[Box]:
        boxes = []
        for number, name in enumerate(nodes[frame.name]["branches"]):
            row, column = divmod(number, BRANCHES_A_ROW)
            x = frame.x + PAD + column * (BRANCH.width + PAD)
            y = frame.y + HEAD + row * (BRANCH.height + PAD)
            boxes.append(self._box(nodes[name], found[name], Point(x, y), BRANCH))
        return boxes


def _size(node: Mapping[str, Any]) -> Size:
    count = len(node["branches"])
    if not count:
        return BOX
    rows, columns = -(-count // BRANCHES_A_ROW), min(count, BRANCHES_A_ROW)
    return Size(columns * (BRANCH.width + PAD) + PAD, HEAD + rows * (BRANCH.height + PAD))


def _lines(criterion: str) -> list[str]:
    """The criterion in at most three lines; "always" goes without saying."""
    if criterion == "always":
        return []
    lines = wrap(spoken(criterion), LETTERS)
    return lines if len(lines) <= 3 else [*lines[:2], f"{lines[2][: LETTERS - 1]}…"]


def _label(criterion: str) -> Size:
    lines = _lines(criterion)
    return Size(max(map(len, lines), default=0) * LETTER, max(len(lines) * LINE, 6))


def _corner(layout: Layout, name: str, size: Size) -> Point:
    centre = layout.centres[name]
    return Point(centre.x - size.width / 2, centre.y - size.height / 2)


def _last_key(steps: Sequence[Step], prefix: str, name: str) -> str:
    return steps[-1].key if steps else f"{prefix}{name}/1"


def _taken(edges: Sequence[Mapping[str, Any]], found: Mapping[str, Sequence[Step]]) -> set[int]:
    """The places of the edges that this run went."""
    tops = sorted((step for steps in found.values() for step in steps if not step.branch), key=lambda step: step.seq)
    return {place for one, other in pairwise(tops) for place in _between(edges, one, other)}


def _between(edges: Sequence[Mapping[str, Any]], one: Step, other: Step) -> list[int]:
    """The edge that led from one step to the other; several only where no reason tells them apart."""
    way = (one.node, other.node, "failed" if one.error else "done")
    places = [n for n, edge in enumerate(edges) if (edge["source"], edge["target"], edge["on"]) == way]
    held = [n for n in places if f"{other.reason}; ".startswith(f"{edges[n]['criterion']}; ")]
    return held or places


def _ways(edges: Sequence[Mapping[str, Any]], layout: Layout, taken: set[int]) -> list[Way]:
    ways = []
    for place, (edge, (points, label)) in enumerate(zip(edges, layout.routes, strict=True)):
        lines = _lines(edge["criterion"])
        top = label.y - (len(lines) - 1) * LINE / 2 + 4
        ways.append(
            Way(
                curve=curve(points),
                criterion=spoken(edge["criterion"]),
                plate=_plate(label, lines),
                lines=[(label.x, top + number * LINE, line) for number, line in enumerate(lines)],
                taken=place in taken,
                failed=edge["on"] == "failed",
            )
        )
    return sorted(ways, key=lambda way: way.taken)


def _plate(label: Point, lines: Sequence[str]) -> Plate | None:
    room = Size(max(map(len, lines), default=0) * LETTER + 4, len(lines) * LINE)
    return Plate(label.x - room.width / 2, label.y - room.height / 2, room) if lines else None
