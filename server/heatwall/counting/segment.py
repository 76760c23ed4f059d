"""How far a point is from a segment of a straight line in the picture."""

from __future__ import annotations

import math

from heatwall.shapes import Point


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
