"""Ways of the graph as SVG paths: level and upright lines with round corners."""

from collections.abc import Sequence
from itertools import pairwise

from console.pages.runs.layout import Point

ROUND = 5.0
"""Radius of a corner, in pixels."""


def curve(points: Sequence[Point]) -> str:
    """An SVG path through the points in level and upright lines with round corners."""
    corners = _corners(points)
    path = f"M{corners[0].x:.1f} {corners[0].y:.1f}"
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        near, far = _towards(corner, before), _towards(corner, after)
        path += f"L{near.x:.1f} {near.y:.1f}Q{corner.x:.1f} {corner.y:.1f} {far.x:.1f} {far.y:.1f}"
    return f"{path}L{corners[-1].x:.1f} {corners[-1].y:.1f}"


def _corners(points: Sequence[Point]) -> list[Point]:
    """The points, with two corners half way between any two that are neither above nor beside each other."""
    corners = [points[0]]
    for one, other in pairwise(points):
        if abs(one.x - other.x) > 1 and abs(one.y - other.y) > 1:
            middle = (one.y + other.y) / 2
            corners += [Point(one.x, middle), Point(other.x, middle)]
        corners.append(other)
    return corners


def _towards(corner: Point, other: Point) -> Point:
    """Where the rounding of a corner begins, on the line to `other`."""
    length = abs(other.x - corner.x) + abs(other.y - corner.y)
    share = min(ROUND, length / 2) / length if length else 0
    return Point(corner.x + (other.x - corner.x) * share, corner.y + (other.y - corner.y) * share)
