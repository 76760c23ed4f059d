"""The rolling, decaying heat of one camera."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from heatwall.values import ByteArray, FloatArray, Tracks

MAX_STEP_S = 1.0
"""A track seen again after longer than this is credited with this much: what it did in between
is not known. Longer than the pause of 400 to 500 ms that cameras make around a keyframe."""

_FORGET_S = 30.0
"""A track not seen for this long is forgotten; no tracker holds a lost track for longer."""

_FLOOR_S = 1e-6
"""Mass in a cell below this is set to zero: a millionth of a second shows in no picture, and
without it cells would sink into subnormal numbers, which are slow on some processors."""


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
        for track_id, (x, y) in zip(tracks.track_id.tolist(), tracks.foot.tolist(), strict=True):
            before = self._feet.get(track_id)
            self._feet[track_id] = (x, y, tracks.time_s)
            if before is not None and tracks.time_s > before[2]:
                step_s = min(tracks.time_s - before[2], MAX_STEP_S)
                self._deposit(before[:2], (x, y), step_s)
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

    def _deposit(self, start: tuple[float, float], end: tuple[float, float], step_s: float) -> None:
        cells, shares = self._segment(start, end)
        for grid, half_life_s in zip(self._grids, self.half_lives_s, strict=True):
            mass_s = step_s
            if half_life_s is not None:
                mass_s = (
                    half_life_s / math.log(2) * -math.expm1(-step_s * math.log(2) / half_life_s)
                )
            np.add.at(grid.reshape(-1), cells, (shares * mass_s).astype(np.float32))

    def _segment(
        self, start: tuple[float, float], end: tuple[float, float]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return cell indices (n,) and their shares (n,) of a segment; the shares sum to 1."""
        size = np.array([self.columns, self.rows], np.float64)
        last = size - 1
        begin = np.clip(np.asarray(start) * size - 0.5, 0, last)
        finish = np.clip(np.asarray(end) * size - 0.5, 0, last)
        # Two samples a cell: closer ones change the sum in no digit that is shown.
        count = 1 + math.ceil(2 * float(np.abs(finish - begin).max()))
        along = ((np.arange(count) + 0.5) / count)[:, None]
        points = begin + (finish - begin) * along
        low = np.minimum(np.floor(points), np.maximum(last - 1, 0)).astype(np.int64)
        part = points - low
        high = np.minimum(low + 1, last.astype(np.int64))
        cells = np.concatenate(
            [y * self.columns + x for y in (low[:, 1], high[:, 1]) for x in (low[:, 0], high[:, 0])]
        )
        right, down = part[:, 0], part[:, 1]
        shares = np.concatenate(
            [
                (1 - down) * (1 - right),
                (1 - down) * right,
                down * (1 - right),
                down * right,
            ]
        )
        return cells, shares / count

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
