"""Where in a picture there is heat, so that the rest of it costs nothing."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

import cv2

from heatwall.values import ByteArray

_BANDS = 6
"""Into how many bands of rows a picture is cut, each of which is blended as far as its heat
reaches: paths lie aslant in a picture, and one box around them all would be mostly cold."""


class Region(NamedTuple):
    """A part of a grid of samples. A tuple, since each change of heat makes dozens.

    Attributes:
        top: First row.
        bottom: The row after the last.
        left: First column.
        right: The column after the last.
    """

    top: int
    bottom: int
    left: int
    right: int

    @property
    def area(self) -> int:
        """How many samples it has."""
        return (self.bottom - self.top) * (self.right - self.left)

    def with_(self, other: Region) -> Region:
        """Return the smallest region that holds both."""
        return Region(
            min(self.top, other.top),
            max(self.bottom, other.bottom),
            min(self.left, other.left),
            max(self.right, other.right),
        )

    def times(self, factor: int) -> Region:
        """Return the same part of a grid that is finer by `factor`."""
        return Region(
            self.top * factor, self.bottom * factor, self.left * factor, self.right * factor
        )

    @property
    def slices(self) -> tuple[slice, slice]:
        """Its rows and columns, to index an array with."""
        return slice(self.top, self.bottom), slice(self.left, self.right)


def warm_regions(levels: ByteArray, width: int, height: int, waste: int) -> tuple[Region, ...]:
    """Return where heat reaches when `levels` is stretched bilinearly.

    Args:
        levels: uint8 (rows, columns).
        width: Samples across that it is stretched to; or twice as many, which cover the same.
        height: Samples down, likewise.
        waste: How many cold samples may be added to save a region.

    Returns:
        At most six regions that do not overlap, from top to bottom. All outside is level 0.
    """
    regions: list[Region] = []
    if levels.size == 0:
        return ()
    rows, columns = levels.shape
    edges = [height * number // _BANDS for number in range(_BANDS + 1)]
    for top, bottom in pairwise(edges):
        # A sample whose middle lies at x, in cells, takes its level from the cells whose middles
        # are less than a cell away. The halves of sample p have theirs at p + 0.25 and p + 0.75.
        first = max(0, math.floor((top + 0.25) * rows / height - 0.5))
        last = math.ceil((bottom - 0.25) * rows / height - 0.5)
        left, above, across, down = cv2.boundingRect(levels[first : last + 1])
        if across == 0 or top == bottom:
            continue
        region = Region(
            max(top, math.floor((first + above - 0.5) * height / rows)),
            min(bottom, math.ceil((first + above + down + 0.5) * height / rows)),
            max(0, math.floor((left - 0.5) * width / columns)),
            min(width, math.ceil((left + across + 0.5) * width / columns)),
        )
        if regions:
            joined = region.with_(regions[-1])
            if joined.area - region.area - regions[-1].area <= waste:
                regions.pop()
                region = joined
        regions.append(region)
    return tuple(regions)
