"""A snapshot of one camera's heat."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from heatwall.footprint import Footprint
from heatwall.values import DoubleArray, FloatArray


@dataclass(frozen=True, slots=True)
class HeatState:
    """The heat of one camera at one instant, to be kept and restored.

    Attributes:
        columns: Cells across the picture.
        rows: Cells down the picture.
        half_lives_s: Half-lives, seconds; None for a lifetime sum.
        grids: float32 (half-lives, rows, columns), decayed person-seconds at the feet.
        age_s: Seconds since the heat began or was reset.
        footprint: What of a box left heat.
        covers: float32 (half-lives, rows, columns), decayed seconds for which boxes covered
            each cell; None for the footprint `foot`.

    Raises:
        ValueError: A part has another shape than it should, or holds what no heat is.
    """

    columns: int
    rows: int
    half_lives_s: tuple[float | None, ...]
    grids: FloatArray
    age_s: float
    footprint: Footprint = "foot"
    covers: FloatArray | None = None

    def __post_init__(self) -> None:
        """Check all parts, and make the arrays read-only."""
        if self.columns < 1 or self.rows < 1:
            raise ValueError(f"a grid of {self.columns}×{self.rows} cells; allowed: at least 1×1")
        for half_life_s in self.half_lives_s:
            if half_life_s is not None and not 0 < half_life_s < math.inf:
                raise ValueError(f"a half-life of {half_life_s} s; allowed: above 0, or None")
        if not 0 <= self.age_s < math.inf:
            raise ValueError(f"an age of {self.age_s} s; allowed: 0 or more")
        self._check("grids", self.grids)
        if self.covers is not None:
            self._check("covers", self.covers)

    def on_grid(self, columns: int, rows: int) -> HeatState:
        """Return the same heat on a grid of another size.

        Person-seconds keep their sum, seconds of cover their mean.

        Args:
            columns: Cells across.
            rows: Cells down.
        """
        if (columns, rows) == (self.columns, self.rows):
            return self
        across = _overlap(self.columns, columns)
        down = _overlap(self.rows, rows)
        grids = down @ self.grids @ across.T
        covers = self.covers
        if covers is not None:
            per_cell = (columns * rows) / (self.columns * self.rows)
            covers = (down @ covers @ across.T * per_cell).astype(np.float32)
        return replace(
            self, columns=columns, rows=rows, grids=grids.astype(np.float32), covers=covers
        )

    def _check(self, name: str, grids: FloatArray) -> None:
        shape = (len(self.half_lives_s), self.rows, self.columns)
        if grids.shape != shape or grids.dtype != np.float32:
            raise ValueError(
                f"{name} are {grids.dtype} {grids.shape}; allowed: float32 {shape}, "
                "half-lives by rows by columns"
            )
        if not (grids >= 0).all() or not np.isfinite(grids).all():
            raise ValueError(f"{name} hold negative, infinite or undefined seconds")
        grids.flags.writeable = False


def _overlap(source: int, target: int) -> DoubleArray:
    """Return the part of each source cell that lies in each target cell: (target, source).

    Both divide the same length; the parts of a source cell sum to 1.
    """
    edges = np.arange(source + 1) / source
    borders = np.arange(target + 1)[:, None] / target
    parts = np.minimum(borders[1:], edges[1:]) - np.maximum(borders[:-1], edges[:-1])
    overlap: DoubleArray = np.maximum(parts, 0.0) * source
    return overlap
