"""Simple polygons in the picture."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from heatwall.counting.segment import Point, distance, do_touch, is_in_picture, place, turn

_LEAST_AREA = 1e-6
"""Part of the picture: a pixel of a picture of a thousand by a thousand."""


class Polygon:
    """A polygon without crossing edges, convex or not.

    A foot that lies on the edge at the right or at the bottom is outside, on the others inside,
    so that zones side by side share nobody. Edges on the picture's own border are no border:
    boxes are cut there, and nobody is seen beyond.

    Args:
        corners: In order round the polygon, either way; the first may be repeated at the end.

    Attributes:
        corners: The corners, the first not repeated.

    Raises:
        ValueError: Fewer than 3 corners, corners outside the picture or twice the same in a row,
            edges that cross or touch, or no area.
    """

    def __init__(self, corners: Sequence[Sequence[float]]) -> None:
        points = tuple((float(x), float(y)) for x, y in corners)
        if len(points) > 1 and points[0] == points[-1]:
            points = points[:-1]
        _check_corners(points)
        self.corners: tuple[Point, ...] = points
        self._edges = _edges(points)
        _check_edges(self._edges)
        area = abs(sum(turn((0.0, 0.0), *edge) for edge in self._edges)) / 2
        if area < _LEAST_AREA:
            raise ValueError(f"the polygon has no area: its corners are {_listed(points)}")
        self._borders = tuple(edge for edge in self._edges if not _is_on_frame(*edge))
        across, down = zip(*points, strict=True)
        # The picture's last column and row are seen, and belong to a zone that reaches there.
        self._low = (min(across), min(down))
        self._high = (max(across), max(down))
        self._spans = tuple((*_pushed_out(start), *_pushed_out(end)) for start, end in self._edges)

    @property
    def extent(self) -> Point:
        """Width and height, normalised."""
        return self._high[0] - self._low[0], self._high[1] - self._low[1]

    def contains(self, x: float, y: float) -> bool:
        """Tell whether a point is inside, by counting the edges to its right."""
        if not (self._low[0] <= x <= self._high[0] and self._low[1] <= y <= self._high[1]):
            return False
        is_inside = False
        for x0, y0, x1, y1 in self._spans:
            if (y0 > y) != (y1 > y) and x < x0 + (y - y0) * (x1 - x0) / (y1 - y0):
                is_inside = not is_inside
        return is_inside

    def crossings(self, start: Point, end: Point) -> list[float]:
        """Return where a path crosses the border: shares of the path, 0 to 1, rising."""
        found = []
        for edge_start, edge_end in self._edges:
            before = turn(edge_start, edge_end, start)
            after = turn(edge_start, edge_end, end)
            if (before < 0) == (after < 0):
                continue
            share = before / (before - after)
            across = turn(start, end, edge_start)
            if (across < 0) != (turn(start, end, edge_end) < 0):
                found.append(share)
        return sorted(found)

    def is_clear(self, x: float, y: float, margin_x: float, margin_y: float) -> bool:
        """Tell whether no border is within a margin, given across and down, normalised."""
        return all(
            distance(x, y, start, end, margin_x, margin_y) >= 1 for start, end in self._borders
        )


def _edges(points: tuple[Point, ...]) -> tuple[tuple[Point, Point], ...]:
    return tuple(zip(points, (*points[1:], points[0]), strict=True))


def _listed(points: tuple[Point, ...]) -> str:
    return ", ".join(place(point) for point in points)


def _check_corners(points: tuple[Point, ...]) -> None:
    if len(points) < 3:
        raise ValueError(f"a polygon needs 3 corners or more; found {len(points)}")
    for number, point in enumerate(points, 1):
        if not is_in_picture(point):
            raise ValueError(
                f"corner {number} is at {place(point)}; allowed are 0 to 1, "
                "parts of the picture's width and height"
            )
    for number, (start, end) in enumerate(_edges(points), 1):
        if start == end:
            raise ValueError(
                f"corners {number} and {number % len(points) + 1} are both {place(start)}"
            )
    if all(turn(*three) == 0 for three in combinations(points, 3)):
        raise ValueError(f"the polygon has no area: its corners {_listed(points)} are in one line")


def _check_edges(edges: tuple[tuple[Point, Point], ...]) -> None:
    for (first, one), (second, other) in combinations(enumerate(edges, 1), 2):
        if second - first in (1, len(edges) - 1):
            # Neighbours share a corner; they may not lie on each other.
            shared, far = (one[1], one[0]) if second == first + 1 else (one[0], one[1])
            beyond = other[1] if other[0] == shared else other[0]
            is_wrong = turn(far, shared, beyond) == 0 and (
                (far[0] - shared[0]) * (beyond[0] - shared[0])
                + (far[1] - shared[1]) * (beyond[1] - shared[1])
                > 0
            )
        else:
            is_wrong = do_touch(one, other)
        if is_wrong:
            raise ValueError(
                f"edge {first}, from {place(one[0])} to {place(one[1])}, crosses or touches "
                f"edge {second}, from {place(other[0])} to {place(other[1])}; "
                "give the corners in order round the polygon"
            )


def _is_on_frame(start: Point, end: Point) -> bool:
    """Tell whether an edge runs along the picture's border."""
    return any(start[axis] == end[axis] and start[axis] in (0.0, 1.0) for axis in (0, 1))


def _pushed_out(point: Point) -> Point:
    """Move a corner on the picture's right or bottom border out by less than any pixel."""
    x, y = (1 + 1e-6 if coordinate == 1 else coordinate for coordinate in point)
    return x, y
