"""The rolling, decaying heat of one camera."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from heatwall.values import ByteArray, FloatArray, Tracks

MAX_STEP_S = 1.0
"""A track seen again after longer than this is credited with this much: what it did in between
is not known. Longer than the pause of 400 to 500 ms that cameras make around a keyframe."""

_FORGET_S = 30.0
"""A track not seen for this long is forgotten; no tracker holds a lost track for longer."""

_FLOOR_S = 1e-6
"""Mass in a cell below this is set to zero: a millionth of a second shows in no picture, and
without it cells would sink into subnormal numbers, which are slow on some processors."""


_Doubles = npt.NDArray[np.float64]


class HeatMap:
    """Foot-point mass on a grid, decaying by half-lives, fed with one camera's tracks.

    Each half-life has a grid of seconds of presence. Over dt seconds a grid is multiplied by
    2^(-dt/h); a track present all through dt adds tau * (1 - 2^(-dt/h)) with tau = h / ln 2,
    which is the integral of the decay over dt, so the result does not depend on how dt is
    split. (Exponential decay in the sense of Cormode et al., "Forward decay", ICDE 2009.)
    A lifetime sum (half-life None) adds dt and never decays.

    Not thread-safe: one camera, one thread.

    Args:
        columns: Cells across the picture.
        rows: Cells down the picture.
        half_lives_s: Half-lives to keep, seconds; None stands for a lifetime sum.
    """

    def __init__(self, columns: int, rows: int, half_lives_s: Sequence[float | None]) -> None:
        self.columns = columns
        self.rows = rows
        self.half_lives_s = tuple(half_lives_s)
        self._grids = np.zeros((len(self.half_lives_s), rows, columns), np.float32)
        self._time_s: float | None = None
        self._began_s: float | None = None
        self._feet: dict[int, tuple[float, float, float]] = {}

    def mass_s(self, half_life_s: float | None) -> FloatArray:
        """Return the grid of decayed person-seconds: float32 (rows, columns), a copy."""
        grid: FloatArray = self._grids[self.half_lives_s.index(half_life_s)].copy()
        return grid

    def update(self, tracks: Tracks) -> None:
        """Let time pass up to `tracks.time_s` and add what its tracks did since they were seen.

        Time that stands still or goes back adds nothing.
        """
        if self._time_s is None:
            self._began_s = self._time_s = tracks.time_s
        self._decay(tracks.time_s - self._time_s)
        self._time_s = max(self._time_s, tracks.time_s)
        moved: list[tuple[float, float, float, float]] = []
        steps_s: list[float] = []
        for track_id, (x, y) in zip(tracks.track_id.tolist(), tracks.foot.tolist(), strict=True):
            before = self._feet.get(track_id)
            self._feet[track_id] = (x, y, tracks.time_s)
            if before is not None and tracks.time_s > before[2]:
                moved.append((before[0], before[1], x, y))
                steps_s.append(min(tracks.time_s - before[2], MAX_STEP_S))
        if moved:
            self._deposit(np.array(moved), np.array(steps_s))
        self._forget(tracks.time_s)

    def gap(self) -> None:
        """Say that the stream was interrupted: nobody is credited for the time in between."""
        self._feet.clear()

    def reset(self) -> None:
        """Empty all grids."""
        self._grids[:] = 0
        self._began_s = self._time_s
        self._feet.clear()

    def share(self, half_life_s: float | None, sigma_cells: float = 2.0) -> FloatArray:
        """Return the share of recent time that somebody stood at each cell.

        The mass over tau (for a lifetime sum: over the time so far), summed under a Gaussian of
        peak 1, so that one person who never moves comes to 1 whatever half-life and frame rate.

        Args:
            half_life_s: One of `half_lives_s`.
            sigma_cells: Width of the kernel, about half of a person's width, in cells.

        Returns:
            float32 (rows, columns), 0 to 1 for one person, more where several stand.
        """
        mass = self._grids[self.half_lives_s.index(half_life_s)]
        if half_life_s is None:
            lived_s = (self._time_s or 0.0) - (self._began_s or 0.0)
            weight = 1.0 / lived_s if lived_s > 0 else 0.0
        else:
            weight = math.log(2) / half_life_s
        radius = math.ceil(3 * sigma_cells)
        offsets = np.arange(-radius, radius + 1, dtype=np.float32)
        kernel = np.exp(-(offsets**2) / (2 * sigma_cells**2))
        share: FloatArray = cv2.sepFilter2D(
            mass * np.float32(weight), cv2.CV_32F, kernel, kernel, borderType=cv2.BORDER_CONSTANT
        )
        return share

    def _decay(self, dt_s: float) -> None:
        if dt_s <= 0:
            return
        for grid, half_life_s in zip(self._grids, self.half_lives_s, strict=True):
            if half_life_s is not None:
                np.multiply(grid, np.float32(2.0 ** (-dt_s / half_life_s)), out=grid)
                grid[grid < _FLOOR_S] = 0

    def _deposit(self, moved: _Doubles, steps_s: _Doubles) -> None:
        """Add what tracks did: (n, 4) of x and y before and now, and (n,) seconds."""
        cells, shares, owner = self._segments(moved)
        for grid, half_life_s in zip(self._grids, self.half_lives_s, strict=True):
            mass_s = steps_s
            if half_life_s is not None:
                rate = math.log(2) / half_life_s
                mass_s = -np.expm1(-steps_s * rate) / rate
            added = np.bincount(cells, shares * mass_s[owner], minlength=grid.size)
            np.add(grid, added.reshape(grid.shape), out=grid, casting="same_kind")

    def _segments(
        self, moved: _Doubles
    ) -> tuple[npt.NDArray[np.int64], _Doubles, npt.NDArray[np.int64]]:
        """Return cell indices, their shares and the rows of `moved` that they belong to.

        The shares of each row sum to 1.
        """
        size = np.array([self.columns, self.rows], np.float64)
        last = size - 1
        begin = np.clip(moved[:, :2] * size - 0.5, 0, last)
        finish = np.clip(moved[:, 2:] * size - 0.5, 0, last)
        # Two samples a cell: closer ones change the sum in no digit that is shown.
        counts = 1 + np.ceil(2 * np.abs(finish - begin).max(axis=1)).astype(np.int64)
        owner = np.repeat(np.arange(len(moved)), counts)
        position = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
        along = ((position + 0.5) / counts[owner])[:, None]
        points = begin[owner] + (finish - begin)[owner] * along
        low = np.minimum(np.floor(points), np.maximum(last - 1, 0))
        right, down = (points - low).T
        column, row = low.astype(np.int64).T
        next_column = np.minimum(column + 1, self.columns - 1)
        next_row = np.minimum(row + 1, self.rows - 1)
        corners = (
            (row, column, (1 - down) * (1 - right)),
            (row, next_column, (1 - down) * right),
            (next_row, column, down * (1 - right)),
            (next_row, next_column, down * right),
        )
        cells = np.concatenate([at * self.columns + across for at, across, _ in corners])
        shares = np.concatenate([share for _, _, share in corners]) / np.tile(counts[owner], 4)
        return cells, shares, np.tile(owner, 4)

    def _forget(self, now_s: float) -> None:
        gone = [key for key, foot in self._feet.items() if now_s - foot[2] > _FORGET_S]
        for key in gone:
            del self._feet[key]


class HeatScale:
    """The share of time that is shown in full colour: fixed, or following the heat slowly.

    Args:
        fixed: The share at full colour, above 0; None lets it follow.
    """

    _FLOOR = 0.05
    """Below 5 % of the time nothing is worth full colour; it keeps noise from being blown up."""
    _PERCENTILE = 98.0
    """Of the cells with heat. Not the maximum: one cashier must not turn the rest dark."""
    _ATTACK_S = 4.0
    """New heat must not saturate for long."""
    _RELEASE_S = 60.0
    """What has cooled must be seen to cool, not be stretched up again."""

    def __init__(self, fixed: float | None) -> None:
        self.is_auto = fixed is None
        self._value = fixed if fixed is not None else self._FLOOR
        self._time_s: float | None = None

    @property
    def value(self) -> float:
        """The share of recent time at full colour now."""
        return self._value

    def follow(self, share: FloatArray, time_s: float) -> float:
        """Look at the heat at `time_s` (monotonic seconds) and return the scale to use."""
        if not self.is_auto:
            return self._value
        dt_s = 0.0 if self._time_s is None else max(0.0, time_s - self._time_s)
        self._time_s = time_s
        warm = share[share > self._FLOOR / 5]
        target = self._FLOOR
        if warm.size:
            target = max(self._FLOOR, float(np.percentile(warm, self._PERCENTILE)))
        if 0.85 * self._value < target < 1.05 * self._value:
            return self._value
        pace_s = self._ATTACK_S if target > self._value else self._RELEASE_S
        self._value += (target - self._value) * -math.expm1(-dt_s / pace_s)
        return self._value


def levels(share: FloatArray, scale: float, gamma: float) -> ByteArray:
    """Return the heat as colour levels: uint8, the shape of `share`, 0 none, 255 full colour.

    Args:
        share: float32, share of recent time.
        scale: The share at full colour, above 0.
        gamma: Exponent below 1 lifts faint heat.
    """
    relative = np.clip(share / np.float32(scale), 0, 1) ** np.float32(gamma)
    level: ByteArray = np.rint(relative * 255).astype(np.uint8)
    return level
