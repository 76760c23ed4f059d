"""Where in a picture there is heat, so that the rest of it costs nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np

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
    if levels.size == 0:
        return ()
    boxes = tuple(
        cv2.boundingRect(levels[first:last]) for first, last, *_ in _bands(len(levels), height)
    )
    return _reached(boxes, levels.shape, width, height, waste)


@lru_cache(maxsize=64)
def _bands(rows: int, height: int) -> tuple[tuple[int, int, int, int], ...]:
    """Return the bands of a picture: first cell, cell after the last, first sample, and after."""
    edges = [height * number // _BANDS for number in range(_BANDS + 1)]
    # A sample whose middle lies at x, in cells, takes its level from the cells whose middles
    # are less than a cell away. The halves of sample p have theirs at p + 0.25 and p + 0.75.
    return tuple(
        (
            max(0, math.floor((top + 0.25) * rows / height - 0.5)),
            math.ceil((bottom - 0.25) * rows / height - 0.5) + 1,
            top,
            bottom,
        )
        for top, bottom in pairwise(edges)
        if top < bottom
    )


@lru_cache(maxsize=64)  # where heat lies seldom changes: often one look is like the one before
def _reached(
    boxes: tuple[Sequence[int], ...],
    cells: tuple[int, int],
    width: int,
    height: int,
    waste: int,
) -> tuple[Region, ...]:
    """Return the samples that the warm cells of each band reach.

    Args:
        boxes: Of the warm cells in each band: left, top from the band's first cell, across, down.
        cells: Rows and columns.
        width: Samples across.
        height: Samples down.
        waste: As in `warm_regions`.
    """
    rows, columns = cells
    regions: list[Region] = []
    for (first, _, begin, end), box in zip(_bands(rows, height), boxes, strict=True):
        left, above, across, down = box
        if across == 0:
            continue
        region = Region(
            max(begin, math.floor((first + above - 0.5) * height / rows)),
            min(end, math.ceil((first + above + down + 0.5) * height / rows)),
            max(0, math.floor((left - 0.5) * width / columns)),
            min(width, math.ceil((left + across + 0.5) * width / columns)),
        )
        _add(regions, region, waste)
    return tuple(regions)


def changed_regions(
    levels: ByteArray, shown: ByteArray, slack: int, turn: int, waste: int
) -> tuple[Region, ...]:
    """Return which cells are to be shown anew.

    Args:
        levels: uint8 (rows, columns), of at least one cell.
        shown: uint8 of the same size, as they are shown.
        slack: How many levels a cell may be off.
        turn: Counts the calls: at every sixth one a band may be off by nothing at all.
        waste: How many cells that need it not may be added to save a region.

    Returns:
        At most six regions that do not overlap, from top to bottom.
    """
    off = cv2.absdiff(levels, shown)
    if not off.any():
        return ()
    much = np.greater(off, slack).view(np.uint8)
    rows = len(levels)
    regions: list[Region] = []
    for number, (_, _, top, bottom) in enumerate(_bands(rows, rows)):
        by = off if number == turn % min(_BANDS, rows) else much
        left, above, across, down = cv2.boundingRect(by[top:bottom])
        if across:
            region = Region(top + above, top + above + down, left, left + across)
            _add(regions, region, waste)
    return tuple(regions)


def _add(regions: list[Region], region: Region, waste: int) -> None:
    """Add one to those above it, or to the last of them where that costs no more than `waste`."""
    if regions:
        joined = region.with_(regions[-1])
        if joined.area - region.area - regions[-1].area <= waste:
            regions[-1] = joined
            return
    regions.append(region)
