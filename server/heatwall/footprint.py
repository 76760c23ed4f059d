"""Which cells of a grid a track touches, and for how much of its time."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from heatwall.values import DoubleArray

Footprint = Literal["foot", "circle", "rect"]
"""What of a box leaves heat: the point of its feet, the disc inscribed in it, or all of it."""

IndexArray = npt.NDArray[np.intp]
"""Flat indices of cells: row * columns + column."""

Marks = tuple[IndexArray, DoubleArray]
"""Flat indices of cells and the share of its time that each of n tracks was there, (m, n) both.
An index may lie up to `columns` + 1 beyond the last cell of the grid; its share is 0 then."""

_EDGE_CELLS = 1e-4
"""A foot this far beyond the edge is still in view: a millionth of a picture, so that rounding
does not lose one that stands on the edge itself."""

_MOST_SAMPLES = 64
"""Of one way. Only a track that jumps half across the picture wants more, and the second that
it is credited with is spread too thin there to be seen."""


class Ground:
    """A grid of cells to be walked on.

    Args:
        columns: Cells across the picture.
        rows: Cells down the picture.
    """

    def __init__(self, columns: int, rows: int) -> None:
        self._columns, self._rows = columns, rows
        self._last = np.array([columns - 1.0, rows - 1.0]).reshape(2, 1, 1)
        self._corners = np.array([0, 1, columns, columns + 1]).reshape(2, 2, 1, 1)

    def tread(self, begin: DoubleArray, finish: DoubleArray, *, is_inside: bool = False) -> Marks:
        """Spread walks along their way, each point over the four cells around it (bilinear).

        The shares of a walk in view sum to 1; the part outside the picture is left out. Less
        than half a cell from the edge all goes to the cells at the edge.

        Args:
            begin: float64 (2, n), x and y of the feet before, at least one, 0 at the middle of
                the first cell.
            finish: float64 (2, n), x and y of the feet now.
            is_inside: That all are known to be in view, which saves looking.
        """
        # Two samples a cell: closer ones change the sum in no digit that is shown.
        points = _between(begin, finish, samples_per_cell=2)
        samples, count = points.shape[1:]
        inner = np.maximum(points, 0.0)
        np.minimum(inner, self._last, out=inner)
        low = inner.astype(np.intp)
        parts = np.empty((2, 2, samples, count))  # of the cell and the next, in x and y
        np.subtract(inner, low, out=parts[1])
        np.subtract(1.0, parts[1], out=parts[0])
        shares: DoubleArray = parts[:, None, 1] * parts[:, 0]
        if samples > 1:
            shares *= 1.0 / samples
        if not is_inside:
            shares *= (np.abs(points - inner) <= 0.5 + _EDGE_CELLS).all(axis=0)
        cells = low[1] * self._columns
        cells += low[0]
        return (cells + self._corners).reshape(-1, count), shares.reshape(-1, count)

    def cover_rect(self, begin: DoubleArray, finish: DoubleArray) -> Marks:
        """Cover cells with boxes on their way; one that is half covered gets half of the time.

        Args:
            begin: float64 (4, n), left, top, right and bottom before, in cells from the
                picture's left upper edge, at least one box.
            finish: float64 (4, n), the same now.
        """
        boxes = _between(begin, finish, samples_per_cell=1)
        across, by_column = _overlap(boxes[0], boxes[2], self._columns)
        down, by_row = _overlap(boxes[1], boxes[3], self._rows)
        shares = by_row[:, None] * by_column[None, :]
        return self._marks(down, across, shares)

    def cover_circle(self, begin: DoubleArray, finish: DoubleArray) -> Marks:
        """Cover cells with the discs inscribed in boxes, as `cover_rect` does with the boxes."""
        left, top, right, bottom = _between(begin, finish, samples_per_cell=1)
        radius = np.minimum(right - left, bottom - top) / 2
        across, x = _distance((left + right) / 2, radius, self._columns)
        down, y = _distance((top + bottom) / 2, radius, self._rows)
        away = np.sqrt(np.square(y)[:, None] + np.square(x)[None, :])
        # The rim runs through the cells that are less than half a cell from it.
        shares = np.clip(radius + 0.5 - away, 0.0, 1.0)
        return self._marks(down, across, shares)

    def _marks(self, down: IndexArray, across: IndexArray, shares: DoubleArray) -> Marks:
        """Flatten (rows, columns, samples, n)."""
        count = shares.shape[-1]
        cells = down[:, None] * self._columns + across[None, :]
        shares *= 1.0 / shares.shape[2]
        return cells.reshape(-1, count), shares.reshape(-1, count)


def _between(begin: DoubleArray, finish: DoubleArray, samples_per_cell: int) -> DoubleArray:
    """Return the middles of the equal parts of each way, (coordinates, samples, n)."""
    way = finish - begin
    samples = min(1 + int(samples_per_cell * np.abs(way).max()), _MOST_SAMPLES)
    points: DoubleArray = way[:, None] * _middles(samples)
    points += begin[:, None]
    return points


@lru_cache(maxsize=_MOST_SAMPLES)
def _middles(samples: int) -> DoubleArray:
    """Return the middles of equal parts of 0 to 1, (samples, 1), read-only."""
    middles: DoubleArray = ((np.arange(samples) + 0.5) / samples)[:, None]
    middles.flags.writeable = False
    return middles


def _overlap(low: DoubleArray, high: DoubleArray, size: int) -> tuple[IndexArray, DoubleArray]:
    """Return the cells along one axis that spans touch, and the covered part of each.

    Args:
        low: float64 (samples, n), where each span begins, in cells.
        high: float64 (samples, n), where it ends.
        size: Cells along the axis; what lies outside is cut off.

    Returns:
        Indices, within the axis, and parts, 0 to 1, (m, samples, n) both.
    """
    low, high = np.clip(low, 0, size), np.clip(high, 0, size)
    reach = np.arange(2 + int((high - low).max()))[:, None, None]
    cells = np.floor(low).astype(np.intp) + reach
    parts = np.minimum(high, cells + 1) - np.maximum(low, cells)
    return np.minimum(cells, size - 1), np.maximum(parts, 0.0)


def _distance(
    centre: DoubleArray, radius: DoubleArray, size: int
) -> tuple[IndexArray, DoubleArray]:
    """Return the cells along one axis near to discs, and their distances, infinite outside."""
    first = np.clip(np.floor(centre - radius - 0.5), 0, size - 1).astype(np.intp)
    cells = first + np.arange(3 + int(2 * radius.max()))[:, None, None]
    distances = np.where(cells < size, cells + 0.5 - centre, np.inf)
    return np.minimum(cells, size - 1), distances
