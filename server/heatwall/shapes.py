"""Lines and polygons in a picture: which of them mean something."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import combinations
from typing import Literal, get_args

Point = tuple[float, float]
"""x to the right and y down, normalised to 0-1 of the picture."""

Side = Literal["above", "below", "left", "right"]
"""The side of a line that is inside, as seen in the picture."""

SIDES: tuple[str, ...] = get_args(Side)
"""Every `Side`."""

MOST_CORNERS = 100
"""Corners of a polygon: every two edges are compared, and nobody draws more by hand."""

A_POLYGON = f"3 to {MOST_CORNERS} corners in order round the edge, no edge across another"
"""What `check_polygon` allows, for messages."""

_SHORTEST = 1e-3
"""Length of a line as a share of the picture: about a pixel."""

_SMALLEST_AREA = 1e-6
"""Share of the picture: about a pixel."""

_ROUNDING = 1e-12
"""Twice the area of a triangle of normalised points below which they are in one line."""


@contextmanager
def said_of(subject: str, allowed: str = "") -> Iterator[None]:
    """Put who is meant before what a check says, and what is allowed after it.

    Raises:
        ValueError: A check within the `with` block found a fault.
    """
    try:
        yield
    except ValueError as error:
        tail = f" (allowed: {allowed})" if allowed else ""
        raise ValueError(f"{subject} {error}{tail}") from None


def told(point: Point) -> str:
    """Return a point as messages show it."""
    return f"[{point[0]:g}, {point[1]:g}]"


def turn(first: Point, second: Point, third: Point) -> float:
    """Return twice the area of a triangle, positive for a turn to the right in the picture."""
    return (second[0] - first[0]) * (third[1] - first[1]) - (second[1] - first[1]) * (
        third[0] - first[0]
    )


def edges(corners: Sequence[Point]) -> Iterator[tuple[Point, Point]]:
    """Yield the edges of a polygon, the one that closes it last."""
    return zip(corners, [*corners[1:], *corners[:1]], strict=True)


def check_point(point: Point) -> None:
    """Do nothing for a point of the picture.

    Raises:
        ValueError: It is not finite or not in the picture.
    """
    if not all(math.isfinite(value) for value in point):
        raise ValueError("is not a point: each of its two must be a number")
    if max(point) > 1:
        raise ValueError("is not normalised: divide pixels by the picture's width and height")
    if min(point) < 0:
        raise ValueError("is outside of the picture")


def check_inside(start: Point, end: Point, inside: str) -> None:
    """Do nothing when `inside`, one of `SIDES`, tells one side of a line from the other.

    Raises:
        ValueError: It does not: an exactly level line has no left, an exactly upright one no
            above.
    """
    if inside in ("above", "below") and start[0] == end[0]:
        raise ValueError("can't be told of an upright line: that has a left and a right")
    if inside in ("left", "right") and start[1] == end[1]:
        raise ValueError("can't be told of a level line: that has an above and a below")


def check_length(start: Point, end: Point) -> None:
    """Do nothing for the ends of a line.

    Raises:
        ValueError: They are at one place.
    """
    if math.dist(start, end) < _SHORTEST:
        raise ValueError("makes a line of no length")


def open_ring(corners: Sequence[Point]) -> tuple[Point, ...]:
    """Return the corners without a last one that only repeats the first."""
    closed = len(corners) > 3 and corners[0] == corners[-1]
    return tuple(corners[:-1] if closed else corners)


def area(corners: Sequence[Point]) -> float:
    """Return the area of a simple polygon as a share of the picture, by the shoelace formula."""
    return abs(math.fsum(a[0] * b[1] - b[0] * a[1] for a, b in edges(corners))) / 2


def check_polygon(corners: Sequence[Point]) -> None:
    """Do nothing for a simple polygon: one that has an area and does not cross itself.

    Args:
        corners: In order, either way round; the first is not repeated (see `open_ring`).

    Raises:
        ValueError: It has too few or too many corners, a point of it is none of the picture, it
            crosses, touches or turns back on itself, or has no area.
    """
    if not 3 <= len(corners) <= MOST_CORNERS:
        count = len(corners)
        raise ValueError(f"has {count} corner{'' if count == 1 else 's'}")
    for corner in corners:
        with said_of(f"has the corner {told(corner)}, which"):
            check_point(corner)
    ring = list(edges(corners))
    for a, b in ring:
        if a == b:
            raise ValueError(f"has the corner {told(a)} twice in a row")
    for (a, b), (_, c) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if _way(a, b, c) == 0 and _is_back(a, b, c):
            raise ValueError(f"turns back on itself at {told(b)}")
    for (place, one), (other_place, other) in combinations(enumerate(ring), 2):
        are_neighbours = other_place - place in (1, len(ring) - 1)
        if not are_neighbours and _meet(*one, *other):
            raise ValueError(f"crosses itself: edge {_edge(one)} and edge {_edge(other)}")
    if area(corners) < _SMALLEST_AREA:
        raise ValueError("has no area")


def _way(a: Point, b: Point, c: Point) -> int:
    """Return which way the path a, b, c turns: 1, -1, or 0 for straight on or back."""
    twice_area = turn(a, b, c)
    return 0 if abs(twice_area) < _ROUNDING else int(math.copysign(1, twice_area))


def _is_back(a: Point, b: Point, c: Point) -> bool:
    """Return whether b to c goes against a to b."""
    return (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]) < 0


def _meet(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Return whether the segments a-b and c-d have a point in common.

    Two that lie in one line count as apart: in a polygon that does not turn back on itself,
    a neighbour of the one then meets the other.
    """
    return _way(a, b, c) != _way(a, b, d) and _way(c, d, a) != _way(c, d, b)


def _edge(edge: tuple[Point, Point]) -> str:
    return f"{told(edge[0])} to {told(edge[1])}"
