"""Stretching parts of a grid so that they fit into the whole one stretched."""

from __future__ import annotations

from math import gcd
from typing import NamedTuple

import cv2

from heatwall.regions import Region
from heatwall.values import ByteArray

_Slices = tuple[slice, slice]


Part = tuple[ByteArray, _Slices, _Slices]
"""Samples of a part of a grid: uint8 (rows, columns), in one piece, those reached and more around
them; rows and columns of those reached in it; and their rows and columns in the whole."""


class _Window(NamedTuple):
    """How many samples a part has along one axis; see `Part`."""

    samples: int
    inner: slice
    reached: slice


class Stretch:
    """Stretches a grid bilinearly, or as much of it as has changed.

    Cells and samples have common lines, at every cell where its side is a whole number of
    samples. A part between two of them, stretched with the cells up to the next ones, is what it
    is in the whole.

    Args:
        cells: Columns and rows of the grid.
        samples: Columns and rows that it is stretched to.
    """

    def __init__(self, cells: tuple[int, int], samples: tuple[int, int]) -> None:
        self.samples = samples
        self._across = _Axis(cells[0], samples[0])
        self._down = _Axis(cells[1], samples[1])

    def part(self, grid: ByteArray, cells: Region, out: ByteArray) -> Part:
        """Stretch what some cells reach.

        Args:
            grid: uint8 (rows, columns), all of it.
            cells: The part that changed, not empty.
            out: uint8 (as many as all samples,), for the samples of the part.
        """
        rows, down = self._down.window(cells.top, cells.bottom)
        columns, across = self._across.window(cells.left, cells.right)
        size = (across.samples, down.samples)
        samples = out[: size[0] * size[1]].reshape(size[::-1])
        cv2.resize(grid[rows, columns], size, dst=samples, interpolation=cv2.INTER_LINEAR)
        return samples, (down.inner, across.inner), (down.reached, across.reached)


class _Axis:
    """One axis in parts that begin and end on a line that cells and samples have in common."""

    def __init__(self, cells: int, samples: int) -> None:
        self._parts = gcd(cells, samples)
        self._cells = cells // self._parts
        self._samples = samples // self._parts
        self._windows: dict[tuple[int, int], tuple[slice, _Window]] = {}

    def window(self, start: int, stop: int) -> tuple[slice, _Window]:
        """Return which cells to stretch when those from `start` to before `stop` changed."""
        found = self._windows.get((start, stop))
        if found is None:
            found = self._windows[start, stop] = self._window(start, stop)
        return found

    def _window(self, start: int, stop: int) -> tuple[slice, _Window]:
        # A sample takes its level from the cells whose middles are less than a cell away.
        first = max(0, (start - 1) // self._cells)
        last = min(self._parts, -(-(stop + 1) // self._cells))
        # Their neighbours, which shape them without being changed.
        before, after = max(0, first - 1), min(self._parts, last + 1)
        return slice(before * self._cells, after * self._cells), _Window(
            samples=(after - before) * self._samples,
            inner=slice((first - before) * self._samples, (last - before) * self._samples),
            reached=slice(first * self._samples, last * self._samples),
        )
