"""The rolling, decaying heat of one camera."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from heatwall.decay import DecayingGrids, mass_left
from heatwall.footprint import Footprint, Ground, Marks
from heatwall.heat_state import HeatState
from heatwall.kernel import Kernel
from heatwall.last_seen import FORGET_S, LastSeen
from heatwall.placing import Placing
from heatwall.scale import HeatScale, levels
from heatwall.values import DoubleArray, FloatArray, Tracks

__all__ = ["MAX_STEP_S", "HeatMap", "HeatScale", "HeatState", "levels"]

MAX_STEP_S = 1.0
"""A track seen again after longer than this is credited with this much: what it did in between
is not known. Longer than the pause of 400 to 500 ms that cameras make around a keyframe."""

BoolArray = npt.NDArray[np.bool_]


class HeatMap:
    """Presence on a grid, decaying by half-lives, fed with one camera's tracks.

    For each half-life a grid holds decayed person-seconds at the feet: a person in view for dt
    seconds adds dt in all, spread along the way from where the feet were to where they are, at
    any frame rate. Feet outside the picture add nothing, those on its edge do.

    With the footprint `circle` or `rect` a second grid holds the seconds for which boxes
    covered each cell: every cell under the box gets the full time, not a part of it, and the
    part of a box in view counts however much of it lies outside. `share` reads it then.

    Boxes that are not finite, inverted or outside the picture, and ids given twice in one
    update, are left out and counted in `ignored`.

    Not thread-safe: one camera, one thread.

    Example:
        Somebody stands on the cell in the middle for 30 s, which is one half-life, seen five
        times a second: the heat at the feet has risen half way. A minute after leaving, a quarter
        of it is left.

        >>> import heatwall
        >>> heat = heatwall.HeatMap(81, 45, [30.0])
        >>> box = [[0.45, 0.1, 0.55, 0.5]]
        >>> for step in range(151):
        ...     heat.update(heatwall.Tracks.of(step / 5, box, [1]))
        >>> print(f"{heat.share(30.0).max():.3f} of recent time")
        0.500 of recent time
        >>> print(f"{heat.mass_s(30.0).sum():.1f} decayed person-seconds")
        21.6 decayed person-seconds
        >>> heat.update(heatwall.Tracks.of(90.0, [], []))
        >>> print(f"{heat.share(30.0).max():.3f}")
        0.125

    Args:
        columns: Cells across the picture.
        rows: Cells down the picture.
        half_lives_s: Half-lives to keep, seconds; None stands for a lifetime sum.
        footprint: What of a box leaves heat.
        excluded: bool (rows, columns), cells that get nothing; None for no such cells.

    Raises:
        ValueError: `excluded` has another shape, or a half-life is not above 0.
    """

    def __init__(
        self,
        columns: int,
        rows: int,
        half_lives_s: Sequence[float | None],
        *,
        footprint: Footprint = "foot",
        excluded: BoolArray | None = None,
    ) -> None:
        if excluded is not None and excluded.shape != (rows, columns):
            raise ValueError(f"excluded is {excluded.shape}; allowed: {(rows, columns)}")
        for half_life_s in half_lives_s:
            if half_life_s is not None and not 0 < half_life_s < math.inf:
                raise ValueError(f"a half-life of {half_life_s} s; allowed: above 0, or None")
        self.columns = columns
        self.rows = rows
        self.half_lives_s = tuple(half_lives_s)
        self.footprint: Footprint = footprint
        self._excluded = excluded
        self._allowed: DoubleArray | None = None
        if excluded is not None:
            self._allowed = np.append(~excluded.ravel(), np.ones(columns + 2))
        self._ground = Ground(columns, rows)
        self._mass = DecayingGrids(self.half_lives_s, columns, rows)
        self._cover: DecayingGrids | None = None
        if footprint != "foot":
            self._cover = DecayingGrids(self.half_lives_s, columns, rows)
        self._placing = Placing(columns, rows, has_boxes=footprint != "foot")
        self._seen = LastSeen(self._placing.fields)
        self._astray_until_s = -math.inf
        self._kernel = Kernel(2.0)
        self._time_s: float | None = None
        self._age_s = 0.0

    @property
    def time_s(self) -> float | None:
        """The time up to which the heat has decayed, monotonic seconds; None before the first."""
        return self._time_s

    @property
    def age_s(self) -> float:
        """Seconds since the heat began or was reset, interruptions included."""
        return self._age_s

    @property
    def ignored(self) -> int:
        """Boxes left out so far because they can't be."""
        return self._placing.ignored

    @property
    def nbytes(self) -> int:
        """Memory of all arrays, bytes."""
        cover = 0 if self._cover is None else self._cover.nbytes
        return self._mass.nbytes + cover + self._seen.nbytes

    def mass_s(self, half_life_s: float | None) -> FloatArray:
        """Return the grid of decayed person-seconds: float32 (rows, columns), a copy."""
        return self._mass.read(self.half_lives_s.index(half_life_s))

    def update(self, tracks: Tracks) -> None:
        """Let time pass up to `tracks.time_s` and add what its tracks did since they were seen.

        Time that stands still or goes back adds nothing. When it goes back by more than
        `MAX_STEP_S` the clock is another one, and the heat goes on from there.
        """
        if not self._let_pass(tracks.time_s):
            return
        placed = self._placing.place(tracks)
        if placed is None:
            return
        if not placed.is_inside:
            self._astray_until_s = tracks.time_s + 2 * FORGET_S  # by then nobody knows of it
        now = placed.sightings
        before = self._seen.follow(placed.ids, now, placed.begun_s)
        steps_s = np.minimum(now[0] - before[0], MAX_STEP_S)
        is_inside = tracks.time_s > self._astray_until_s
        feet = self._ground.tread(before[1:3], now[1:3], is_inside=is_inside)
        self._add(self._mass, feet, steps_s)
        if self._cover is not None:
            is_disc = self.footprint == "circle"
            cover = self._ground.cover_circle if is_disc else self._ground.cover_rect
            self._add(self._cover, cover(before[3:], now[3:]), steps_s)

    def gap(self) -> None:
        """Say that the stream was interrupted: nobody is credited for the time in between."""
        self._seen.clear(-math.inf if self._time_s is None else self._time_s)

    def reset(self) -> None:
        """Empty all grids."""
        for grids in self._all_grids():
            grids.clear()
        self._age_s = 0.0
        self.gap()

    def share(self, half_life_s: float | None, kernel: Kernel | None = None) -> FloatArray:
        """Return the share of recent time that somebody was at each cell.

        For the footprint `foot`: the mass over tau (for a lifetime sum: over the time so far),
        summed under a Gaussian of peak 1, so that one person who never moves comes to 1 whatever
        half-life and frame rate. For the others: the share of recent time that boxes covered
        the cell, as it is.

        Args:
            half_life_s: One of `half_lives_s`.
            kernel: About half of a person's width; None for a Gaussian of 2 cells.

        Returns:
            float32 (rows, columns), 0 to 1 for one person, more where several are.
        """
        index = self.half_lives_s.index(half_life_s)
        if half_life_s is None:
            weight = 1.0 / self._age_s if self._age_s > 0 else 0.0
        else:
            weight = math.log(2) / half_life_s
        if self._cover is not None:
            return self._cover.read(index, weight)
        share = (kernel or self._kernel).spread(self._mass.read(index, weight))
        if self._excluded is not None:
            share[self._excluded] = 0
        return share

    def state(self) -> HeatState:
        """Return the heat as it is at `time_s`."""
        return HeatState(
            columns=self.columns,
            rows=self.rows,
            half_lives_s=self.half_lives_s,
            grids=self._mass.read_all(),
            age_s=self._age_s,
            footprint=self.footprint,
            covers=None if self._cover is None else self._cover.read_all(),
        )

    def restore(self, state: HeatState, down_s: float) -> None:
        """Replace the heat by that of `state`, as it is `down_s` seconds later.

        It is brought to this grid's size. Half-lives are matched by value, those that `state`
        lacks begin empty; so does the cover by boxes where `state` has none of this footprint.
        The age starts again when a lifetime sum begins empty, because it is divided by it.

        Args:
            state: From `state`, perhaps of another grid.
            down_s: Seconds since then, 0 or more.

        Raises:
            ValueError: `down_s` is negative or not finite.
        """
        if not 0 <= down_s < math.inf:
            raise ValueError(f"a down time of {down_s} s; allowed: 0 or more")
        self.reset()
        state = state.on_grid(self.columns, self.rows)
        sources = [state.grids, state.covers if state.footprint == self.footprint else None]
        for target, source in zip(self._all_grids(), sources, strict=False):
            for index, half_life_s in enumerate(self.half_lives_s):
                if source is None or half_life_s not in state.half_lives_s:
                    continue
                left = mass_left(half_life_s, down_s)
                seconds = source[state.half_lives_s.index(half_life_s)] * left
                if self._excluded is not None:
                    seconds[self._excluded] = 0
                target.write(index, seconds)
        if None in state.half_lives_s or None not in self.half_lives_s:
            self._age_s = state.age_s + down_s

    def _all_grids(self) -> tuple[DecayingGrids, ...]:
        return (self._mass,) if self._cover is None else (self._mass, self._cover)

    def _let_pass(self, time_s: float) -> bool:
        """Move the clock to `time_s`; returns False when it stood still or went back."""
        if not math.isfinite(time_s):
            return False
        if self._time_s is None or time_s < self._time_s - MAX_STEP_S:
            self._time_s = time_s
            self._seen.clear(time_s)
            return True
        dt_s = time_s - self._time_s
        if dt_s <= 0:
            return False
        self._time_s = time_s
        self._age_s += dt_s
        for grids in self._all_grids():
            grids.let_pass(dt_s)
        return True

    def _add(self, grids: DecayingGrids, marks: Marks, steps_s: DoubleArray) -> None:
        cells, shares = marks
        if self._allowed is not None:
            shares *= self._allowed[cells]
        grids.add((cells, shares), steps_s)
