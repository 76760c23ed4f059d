"""Grids of seconds that decay by half-lives."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from heatwall.footprint import Marks
from heatwall.values import DoubleArray, FloatArray

_NEVER_S = 1e18
"""The half-life of a lifetime sum: 30 thousand million years, so that it needs no rule of its
own. What a century takes from it is beyond the digits of a float64."""

_REBASE_HALF_LIVES = 60.0
"""Weights grow to 2^60 before the grids are brought back to weight 1. A float64 would allow
1000, and more seldom is not noticeably cheaper."""

_FLOOR_S = 1e-6
"""Mass below this is dropped then: a millionth of a second shows in no picture, and cells would
in the end sink into subnormal numbers, which are slow on some processors."""


def mass_left(half_life_s: float | None, idle_s: float) -> float:
    """Return which part of a mass is left after some seconds in which nobody was seen.

    Args:
        half_life_s: Seconds; None for a lifetime sum, of which all stays.
        idle_s: Seconds, 0 or more.
    """
    return 1.0 if half_life_s is None else math.exp2(-idle_s / half_life_s)


def share_left(half_life_s: float | None, age_s: float, idle_s: float) -> float:
    """Return the same for a share of time; that of a lifetime sum is of all the time so far.

    Args:
        half_life_s: As above.
        age_s: Over how long the heat had been gathered, seconds.
        idle_s: As above.
    """
    if half_life_s is None and age_s > 0:
        return age_s / (age_s + idle_s)
    return mass_left(half_life_s, idle_s)


class DecayingGrids:
    """One grid of seconds for each half-life, in one stretch of time.

    A stay of dt seconds that ends now adds tau * (1 - 2^(-dt/h)) with tau = h / ln 2, which is
    the integral of the decay over dt, so the sum does not depend on how dt is split.

    Nothing is multiplied as time passes. What is added is weighted with 2^(t/h) instead, and
    what is read is divided by the weight of its time ("forward decay", Cormode et al., ICDE
    2009). An update therefore costs no more on a large grid than on a small one, and a decay of
    a millionth a step is not lost in rounding.

    Args:
        half_lives_s: Seconds, above 0; None stands for a lifetime sum.
        columns: Cells across.
        rows: Cells down.
    """

    def __init__(self, half_lives_s: Sequence[float | None], columns: int, rows: int) -> None:
        self._columns, self._rows = columns, rows
        half_lives = np.array([[_NEVER_S if h is None else h] for h in half_lives_s])
        self._per_s = 1.0 / half_lives
        self._rate = -math.log(2) / half_lives
        self._tau_s = half_lives / -math.log(2)
        count, cells = len(half_lives_s), columns * rows
        # A corner without a share may point a row and a cell beyond the end.
        self._flat = np.zeros(count * cells + columns + 2)
        self._grids = self._flat[: count * cells].reshape(count, rows, columns)
        self._first = (np.arange(count) * cells)[:, None, None]
        self._longest_s = _REBASE_HALF_LIVES * float(half_lives.min(initial=_NEVER_S))
        self._since_base_s = 0.0
        self._weighted_tau_s = self._tau_s

    @property
    def nbytes(self) -> int:
        """Memory of the grids, bytes."""
        return self._flat.nbytes

    def let_pass(self, dt_s: float) -> None:
        """Let `dt_s` seconds pass, not below 0."""
        self._since_base_s += dt_s
        if self._since_base_s > self._longest_s:
            self._grids *= self._left()
            self._grids[self._grids < _FLOOR_S] = 0
            self._since_base_s = 0.0
        self._weighted_tau_s = self._tau_s * np.exp2(self._per_s * self._since_base_s)

    def add(self, marks: Marks, steps_s: DoubleArray) -> None:
        """Add stays that end now.

        Args:
            marks: The cells and shares of n stays.
            steps_s: float64 (n,), their seconds.
        """
        cells, shares = marks
        seconds = np.expm1(self._rate * steps_s)
        seconds *= self._weighted_tau_s
        added = shares * seconds[:, None]
        np.add.at(self._flat, (cells + self._first).reshape(-1), added.reshape(-1))

    def read(self, index: int, factor: float = 1.0) -> FloatArray:
        """Return the seconds of one half-life times `factor`: float32 (rows, columns), a copy."""
        out = np.empty((self._rows, self._columns), np.float32)
        weight = factor * math.exp2(-self._since_base_s * self._per_s[index, 0])
        np.multiply(self._grids[index], weight, out=out, casting="same_kind")
        return out

    def read_all(self) -> FloatArray:
        """Return the seconds of all half-lives: float32 (half-lives, rows, columns), a copy."""
        seconds: FloatArray = (self._grids * self._left()).astype(np.float32)
        return seconds

    def write(self, index: int, seconds: FloatArray | DoubleArray) -> None:
        """Replace the grid of one half-life by seconds, (rows, columns), as they are now."""
        self._grids[index] = seconds * math.exp2(self._since_base_s * self._per_s[index, 0])

    def clear(self) -> None:
        """Empty all grids."""
        self._flat[:] = 0

    def _left(self) -> DoubleArray:
        """Return what is left of what was there at the base, (half-lives, 1, 1)."""
        left: DoubleArray = np.exp2(-self._since_base_s * self._per_s)[:, None]
        return left
