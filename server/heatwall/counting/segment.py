"""Segments of straight lines in the picture."""

from __future__ import annotations

import math

Point = tuple[float, float]
"""x and y, normalised to 0–1 of the picture."""


def place(point: Point) -> str:
    """Return a point as messages show it."""
    return f"({point[0]:g}, {point[1]:g})"


def is_in_picture(point: Point) -> bool:
    """Tell whether both coordinates are 0 to 1; NaN is not."""
    return 0 <= point[0] <= 1 and 0 <= point[1] <= 1


def turn(first: Point, second: Point, third: Point) -> float:
    """Return twice the area of a triangle, positive for a turn to the right in the picture."""
    return (second[0] - first[0]) * (third[1] - first[1]) - (second[1] - first[1]) * (
        third[0] - first[0]
    )


def do_touch(first: tuple[Point, Point], second: tuple[Point, Point]) -> bool:
    """Tell whether two segments have a point in common."""
    a, b = first
    c, d = second
    turns = (turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b))
    if turns[0] * turns[1] < 0 and turns[2] * turns[3] < 0:
        return True
    ends = ((c, first), (d, first), (a, second), (b, second))
    return any(
        found == 0 and _is_between(point, segment)
        for found, (point, segment) in zip(turns, ends, strict=True)
    )


def _is_between(point: Point, segment: tuple[Point, Point]) -> bool:
    """Tell whether a point of the segment's own line lies within the segment."""
    return all(
        min(ends) <= coordinate <= max(ends)
        for coordinate, ends in zip(point, zip(*segment, strict=True), strict=True)
    )


def distance(
    x: float, y: float, start: Point, end: Point, unit_x: float = 1.0, unit_y: float = 1.0
) -> float:
    """Return how far a point is from a segment, in units that differ across and down.

    Args:
        x: Of the point.
        y: Of the point.
        start: One end of the segment.
        end: The other end.
        unit_x: What counts as 1 across, above 0.
        unit_y: What counts as 1 down, above 0.
    """
    along_x, along_y = (end[0] - start[0]) / unit_x, (end[1] - start[1]) / unit_y
    apart_x, apart_y = (x - start[0]) / unit_x, (y - start[1]) / unit_y
    squared = along_x * along_x + along_y * along_y
    share = (apart_x * along_x + apart_y * along_y) / squared if squared > 0 else 0.0
    share = min(1.0, max(0.0, share))
    return math.hypot(apart_x - share * along_x, apart_y - share * along_y)
