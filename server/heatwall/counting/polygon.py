"""Simple polygons in the picture."""

from __future__ import annotations

from collections.abc import Sequence

from heatwall.counting.segment import distance
from heatwall.shapes import A_POLYGON, Point, check_polygon, edges, open_ring, said_of, turn


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
        ValueError: It is none; see `heatwall.shapes.check_polygon`.
    """

    def __init__(self, corners: Sequence[Sequence[float]]) -> None:
        points = open_ring([(float(x), float(y)) for x, y in corners])
        with said_of("the polygon", A_POLYGON):
            check_polygon(points)
        self.corners: tuple[Point, ...] = points
        self._edges = tuple(edges(points))
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


def _is_on_frame(start: Point, end: Point) -> bool:
    """Tell whether an edge runs along the picture's border."""
    return any(start[axis] == end[axis] and start[axis] in (0.0, 1.0) for axis in (0, 1))


def _pushed_out(point: Point) -> Point:
    """Move a corner on the picture's right or bottom border out by less than any pixel."""
    x, y = (1 + 1e-6 if coordinate == 1 else coordinate for coordinate in point)
    return x, y
