"""The Gaussian that a person's presence is spread with when heat is shown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import groupby

import cv2
import numpy as np

from heatwall.feet import PersonSize
from heatwall.values import FloatArray

_FINEST_CELLS, _WIDEST_CELLS = 1.0, 8.0
"""A narrower Gaussian would fall between the cells; a wider one would hide where people are."""

_RATIO = 1.08
"""Between two neighbouring widths. Rows of the same width are blurred together; 4 % off is not
seen, and what is learnt of people's size can change a little without any effect."""

_REACH = 3.0
"""Sigmas to which it is drawn: 1 % of its peak."""

_ALONE = np.ones(1, np.float32)


class Kernel:
    """A Gaussian of peak 1: a person who never moves comes to 1 at the cell they stand on.

    Where the width differs by row, what stands on a row is spread with the width of that row,
    up and down too, so that a person is round and reaches 1 on every row.

    Immutable.

    Example:
        The same heat under a narrow Gaussian and under a wide one.

        >>> import heatwall
        >>> heat = heatwall.HeatMap(81, 45, [30.0])
        >>> for step in range(151):
        ...     heat.update(heatwall.Tracks.of(step / 5, [[0.45, 0.1, 0.55, 0.5]], [1]))
        >>> for sigma_cells in (1.0, 4.0):
        ...     share = heat.share(30.0, heatwall.Kernel(sigma_cells))
        ...     print(f"peak {share.max():.2f}, {(share > 0.25).sum()} cells above a quarter")
        peak 0.50, 5 cells above a quarter
        peak 0.50, 69 cells above a quarter

    Args:
        sigma_cells: The width, or one for each row of the grid, in cells. Rounded to steps of
            8 % and kept within 1 to 8 where it is given by row.

    Raises:
        ValueError: A width is not above 0.
    """

    def __init__(self, sigma_cells: float | Sequence[float]) -> None:
        by_row = sigma_cells if isinstance(sigma_cells, Sequence) else (sigma_cells,)
        wrong = [one for one in by_row if not 0 < one < math.inf]
        if wrong or not by_row:
            raise ValueError(f"Gaussians {wrong} cells wide; allowed: at least one, above 0")
        if isinstance(sigma_cells, Sequence):
            by_row = [_rounded(one) for one in by_row]
        self.sigma_cells = tuple(float(one) for one in by_row)
        self._bands: list[tuple[slice, FloatArray]] = []
        start = 0
        for sigma, run in groupby(self.sigma_cells):
            stop = start + len(list(run))
            self._bands.append((slice(start, stop), _gaussian(sigma)))
            start = stop
        self._down = _columns_of(self.sigma_cells)

    @classmethod
    def of_people(cls, size: PersonSize, columns: int, rows: int) -> Kernel | None:
        """Return the kernel of half a person's width at each row; None where it is not known.

        Args:
            size: How wide people are.
            columns: Cells across the picture.
            rows: Cells down the picture.
        """
        widths = [size.width_at((row + 0.5) / rows) for row in range(rows)]
        known = [width * columns / 2 for width in widths if width is not None]
        return cls(known) if len(known) == rows else None

    def spread(self, grid: FloatArray) -> FloatArray:
        """Return the sum of the Gaussians of all cells: float32 (rows, columns).

        Args:
            grid: float32 (rows, columns), contiguous, with as many rows as widths if there are
                several.

        Raises:
            ValueError: The grid has another number of rows.
        """
        if len(self._bands) == 1:
            across = self._bands[0][1]
            return _filtered(grid, across, across)
        if len(grid) != len(self.sigma_cells):
            raise ValueError(f"a grid of {len(grid)} rows; allowed: {len(self.sigma_cells)}")
        wide = np.empty_like(grid)
        for rows, across in self._bands:
            wide[rows] = _filtered(grid[rows], across, _ALONE)
        spread: FloatArray = self._down @ wide
        return spread


def _rounded(sigma_cells: float) -> float:
    sane = min(max(sigma_cells, _FINEST_CELLS), _WIDEST_CELLS)
    return float(_RATIO ** round(math.log(sane, _RATIO)))


def _gaussian(sigma_cells: float) -> FloatArray:
    """Return the Gaussian along one axis: float32 (odd,), 1 in the middle."""
    radius = math.ceil(_REACH * sigma_cells)
    offsets = np.arange(-radius, radius + 1)
    return np.exp(-(offsets**2) / (2 * sigma_cells**2)).astype(np.float32)


def _columns_of(sigma_cells: Sequence[float]) -> FloatArray:
    """Return what each row takes from each row: float32 (to rows, from rows)."""
    sigma = np.array(sigma_cells)
    offsets = np.arange(len(sigma))[:, None] - np.arange(len(sigma))
    column = np.exp(-(offsets**2) / (2 * sigma**2))
    return np.where(np.abs(offsets) <= np.ceil(_REACH * sigma), column, 0).astype(np.float32)


def _filtered(grid: FloatArray, across: FloatArray, down: FloatArray) -> FloatArray:
    filtered: FloatArray = cv2.sepFilter2D(
        grid, cv2.CV_32F, across, down, borderType=cv2.BORDER_CONSTANT
    )
    return filtered
