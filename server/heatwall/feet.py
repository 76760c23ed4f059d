"""How large people appear by where they stand, and the feet of those who are cut off."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from heatwall.values import DoubleArray, FloatArray, Tracks

_BINS = 20
"""Rows of the picture that are learnt apart: a person's size changes by less than their own
spread from one to the next."""

_LEARN_EVERY_S = 0.5
"""A person hardly moves in less, so that more looks teach nothing new."""

_FIT_EVERY_S = 5.0
"""The line hardly moves in less, and costs more than the looks."""

_EDGE = 0.01
"""A box this near to an edge of the picture may be cut off by it: a detector's rounding, and
the few pixels that it stays away from the edge."""

_ENOUGH = 40.0
"""Boxes before anything is mended: some people at some places, or one for twenty seconds."""

_SEEN_IN_BIN = 3.0
"""Boxes in a row of the picture before its median is believed at all."""

_REMEMBERED = 200.0
"""Boxes after which the medians stop to settle and only follow: a camera that is turned is
learnt anew within minutes of people."""

_BROADEST_STEP = 0.25
"""The most that one box moves a median, as a share of it."""

_LEAST_SPREAD = 0.1
"""Rows must lie this far apart to tell how sizes change from one to the other."""

_CUT = 0.95
"""A box at an edge with less than this of the learnt size is taken to be cut off there."""

_LOWEST = 2.0
"""Feet are sought down to one picture below the edge."""

_STEEPEST = 0.75
"""Where heads stay at nearly the same height wherever people stand (a camera at eye level),
a head does not tell where the feet are."""


@dataclass(frozen=True, slots=True)
class PersonSizeState:
    """What was learnt about the size of people, to be kept and restored.

    Attributes:
        table: float64 (20, 4): for each of 20 rows of the picture from the top the boxes seen
            (up to a limit), and the median foot, height and width of them, normalised.

    Raises:
        ValueError: The table has another shape, or holds what no sizes are.
    """

    table: DoubleArray

    def __post_init__(self) -> None:
        """Check the table, and make it read-only."""
        if self.table.shape != (_BINS, 4) or self.table.dtype != np.float64:
            raise ValueError(
                f"sizes are {self.table.dtype} {self.table.shape}; allowed: float64 {(_BINS, 4)}"
            )
        if not ((self.table >= 0) & (self.table <= _REMEMBERED)).all():
            raise ValueError("sizes hold negative, undefined or impossible numbers")
        self.table.flags.writeable = False


@dataclass(frozen=True, slots=True)
class _Line:
    """A size by the row of the feet: offset + slope * y."""

    offset: float
    slope: float

    def at(self, y: float) -> float:
        return self.offset + self.slope * y


class PersonSize:
    """Learns how high and wide a person appears, by the row of the feet.

    On a flat floor the height of people is linear in the row of their feet, nearly so under a
    camera that looks down. Boxes that no edge touches move the medians of their row of the
    picture; a line through those (Theil–Sen: the median of all slopes, then the median offset)
    is not bent by the few rows where a counter hides the feet.

    One camera, one thread. The state is of fixed size.
    """

    def __init__(self) -> None:
        self._table = np.zeros((_BINS, 4))
        self._given: tuple[list[float], list[float]] | None = None
        self._learnt_s = self._fitted_s = -math.inf
        self._height: _Line | None = None
        self._width: _Line | None = None

    @classmethod
    def given(cls, widths: Sequence[tuple[float, float]]) -> PersonSize:
        """Return a size whose widths are known; its heights are still learnt.

        Args:
            widths: Row of the feet and width of a person there, both normalised, by rising
                row; linear in between, constant beyond.

        Raises:
            ValueError: There are none, they do not rise, or a width is not above 0.
        """
        rows, sizes = [y for y, _ in widths], [width for _, width in widths]
        if not rows or any(not above < below for above, below in pairwise(rows)):
            raise ValueError(f"rows of widths are {rows}; allowed: at least one, rising")
        if not all(0 < size <= 1 for size in sizes):
            raise ValueError(f"widths are {sizes}; allowed: above 0, up to 1")
        size = cls()
        size._given = (rows, sizes)
        return size

    @classmethod
    def restored(cls, state: PersonSizeState) -> PersonSize:
        """Return what was learnt before."""
        size = cls()
        size._table = state.table.copy()
        size._fit()
        return size

    def state(self) -> PersonSizeState:
        """Return what was learnt so far."""
        return PersonSizeState(self._table.copy())

    @property
    def horizon(self) -> float | None:
        """The row where people would have no height, normalised; None while it is not known."""
        line = self._height
        return None if line is None or line.slope <= 0 else -line.offset / line.slope

    def height_at(self, y: float) -> float | None:
        """Return the height of a person whose feet are at row `y`, normalised; None unknown."""
        return None if self._height is None else min(max(self._height.at(y), 0.01), 2.0)

    def width_at(self, y: float) -> float | None:
        """Return the width of a person whose feet are at row `y`, normalised; None unknown."""
        if self._given is not None:
            return float(np.interp(y, *self._given))
        return None if self._width is None else min(max(self._width.at(y), 0.004), 1.0)

    def learn(self, tracks: Tracks) -> None:
        """Look at the boxes of people; at most twice a second, the rest is left out."""
        if tracks.time_s < self._learnt_s:
            self._learnt_s = self._fitted_s = -math.inf  # another clock
        if not tracks.time_s - self._learnt_s >= _LEARN_EVERY_S:  # nor where it is undefined
            return
        self._learnt_s = tracks.time_s
        left, top, right, bottom = tracks.xyxy.T
        whole = (left > _EDGE) & (top > _EDGE) & (right < 1 - _EDGE) & (bottom < 1 - _EDGE)
        whole &= (right > left) & (bottom > top)
        for x1, y1, x2, y2 in tracks.xyxy[whole].tolist():
            self._look(y2, y2 - y1, x2 - x1)
        if tracks.time_s - self._fitted_s >= _FIT_EVERY_S:
            self._fitted_s = tracks.time_s
            self._fit()

    def complete(self, tracks: Tracks) -> Tracks:
        """Return the tracks with boxes that the picture's edges cut off made whole.

        Feet may come to lie outside the picture. Before enough was learnt nothing changes, and
        boxes that no edge touches never do.
        """
        if self._height is None and self._given is None:
            return tracks
        left, _, right, bottom = tracks.xyxy.T
        is_cut = (left <= _EDGE) | (right >= 1 - _EDGE) | (bottom >= 1 - _EDGE)
        if not is_cut.any():
            return tracks
        xyxy = tracks.xyxy.copy()
        for row in np.flatnonzero(is_cut).tolist():
            xyxy[row] = self._whole(xyxy[row])
        return replace(tracks, xyxy=xyxy)

    def _look(self, foot: float, height: float, width: float) -> None:
        """Move the medians of one row of the picture a little towards a box."""
        entry = self._table[min(int(foot * _BINS), _BINS - 1)]
        count = entry[0] = min(entry[0] + 1, _REMEMBERED)
        seen = (foot, height, width)
        if count == 1:
            entry[1:] = seen
            return
        step = min(_BROADEST_STEP, 1.0 / count)
        for column, value in enumerate(seen, start=1):
            # Steps whose size does not depend on how far off a box is lead to the median; a
            # box that is nearer than one step is met exactly.
            ratio = min(max(value / entry[column], 1 - step), 1 + step)
            entry[column] *= ratio

    def _fit(self) -> None:
        known = self._table[self._table[:, 0] >= _SEEN_IN_BIN]
        if known[:, 0].sum() < _ENOUGH:
            self._height = self._width = None
            return
        self._height = _line(known[:, 1], known[:, 2])
        self._width = _line(known[:, 1], known[:, 3])

    def _whole(self, box: FloatArray) -> tuple[float, float, float, float]:
        """Return one box without the cuts of the picture's edges."""
        left, top, right, bottom = box.tolist()
        if not (left < right and top < bottom):
            return left, top, right, bottom
        is_cut_left, is_cut_right = left <= _EDGE, right >= 1 - _EDGE
        if bottom >= 1 - _EDGE:
            is_narrow = is_cut_left or is_cut_right
            bottom = max(bottom, self._foot(top, None if is_narrow else right - left, bottom))
        width = self.width_at(bottom)
        if width is not None and right - left < _CUT * width and is_cut_left != is_cut_right:
            if is_cut_left:
                left = right - width
            else:
                right = left + width
        return left, top, right, bottom

    def _foot(self, top: float, width: float | None, bottom: float) -> float:
        """Return the row of the feet of a person cut off at the lower edge."""
        foot = bottom
        line = self._height
        if line is not None and top > _EDGE and line.slope <= _STEEPEST:
            foot = (top + line.offset) / (1 - line.slope)
        elif width is not None and self._width is not None and self._width.slope > 0:
            foot = (width - self._width.offset) / self._width.slope
        if not bottom - top < _CUT * (foot - top):
            return bottom
        return min(foot, _LOWEST)


def _line(rows: DoubleArray, sizes: DoubleArray) -> _Line:
    """Return the line through the medians of rows (Theil 1950, Sen 1968)."""
    first, second = np.triu_indices(len(rows), k=1)
    apart = rows[second] - rows[first]
    far = np.abs(apart) >= _LEAST_SPREAD
    slope = 0.0
    if far.any():
        slope = float(np.median((sizes[second] - sizes[first])[far] / apart[far]))
    return _Line(float(np.median(sizes - slope * rows)), slope)
